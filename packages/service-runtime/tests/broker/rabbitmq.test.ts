import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll } from 'vitest'
import { startTestRabbitmq, type TestRabbitmq } from '../../../../tests/programs/rabbitmq.ts'
import { type Broker, createLogger, createRabbitmqBroker } from '../../src/index.ts'
import { testBrokerContract } from './contract.ts'

let rabbitmq: TestRabbitmq
beforeAll(async () => {
  rabbitmq = await startTestRabbitmq()
})
afterAll(() => rabbitmq[Symbol.asyncDispose]())

let logged: string[] = []
const log = createLogger({ name: 'test', destination: { write: (line) => void logged.push(line) } })

let prefix = randomUUID()
let settings: Parameters<Parameters<typeof testBrokerContract>[0]['join']>[0]
const joined: Broker[] = []

testBrokerContract({
  // The broker counts waiting messages a moment after it has confirmed them.
  slack: 4,
  logged: () => logged.join(''),
  async join(chosen) {
    settings = chosen ?? settings ?? {}
    const broker = await createRabbitmqBroker({ url: rabbitmq.url, log, prefix, ...settings })
    joined.push(broker)
    return broker
  },
  async leave() {
    await Promise.all(joined.splice(0).map((broker) => broker.close()))
    prefix = randomUUID()
    settings = undefined
    logged = []
  },
})
