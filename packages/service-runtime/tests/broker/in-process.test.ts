import { expect, test } from 'vitest'
import { type Broker, createInProcessBroker, createLogger } from '../../src/index.ts'
import { testBrokerContract } from './contract/contract.ts'
import { command } from './samples.ts'

let logged: string[] = []
const log = createLogger({ name: 'test', destination: { write: (line) => void logged.push(line) } })
let shared: Broker | undefined

testBrokerContract({
  slack: 0,
  logged: () => logged.join(''),
  async join(settings = {}) {
    // All services of one process share one broker.
    shared ??= createInProcessBroker({ log, ...settings })
    return shared
  },
  async leave() {
    await shared?.close()
    shared = undefined
    logged = []
  },
})

test('waiting senders continue in order', async () => {
  const broker = createInProcessBroker({ log, commands: { maxWaiting: 2 } })
  const taken: number[] = []
  const sends = [0, 1, 2, 3].map((n) => broker.sendCommand(command()).then(() => taken.push(n)))
  await broker.consumeCommands(async () => {})
  await Promise.all(sends)
  expect(taken).toEqual([0, 1, 2, 3])
  await broker.close()
})

test('closing rejects waiting senders', async () => {
  const broker = createInProcessBroker({ log, commands: { maxWaiting: 1 } })
  const waiting = broker.sendCommand(command())
  const refused = expect(waiting).rejects.toThrow('closed')
  await broker.close()
  await refused
})
