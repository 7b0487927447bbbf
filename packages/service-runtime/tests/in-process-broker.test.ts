import { randomUUID } from 'node:crypto'
import {
  type AccountEvent,
  AccountId,
  type BatchDecided,
  Command,
  ConversationId,
  DeviceId,
  InstanceId,
  SessionId,
  shardOf,
} from '@sotto/wire'
import { afterEach, expect, test, vi } from 'vitest'
import { type Broker, createInProcessBroker, createLogger } from '../src/index.ts'

const logged: string[] = []
const log = createLogger({ name: 'test', destination: { write: (line) => void logged.push(line) } })

let broker: Broker
afterEach(() => broker.close())

const actor = {
  accountId: AccountId.parse(randomUUID()),
  deviceId: DeviceId.parse(randomUUID()),
  sessionId: SessionId.parse(randomUUID()),
}
const command = () =>
  Command.parse({ type: 'typing.announce', actor, conversationId: randomUUID() })
const accountIn = (shard: number) =>
  AccountId.parse(`${randomUUID().slice(0, -2)}${shard.toString(16).padStart(2, '0')}`)
const eventFor = (...recipients: AccountId[]): AccountEvent => ({
  type: 'conversation.changed',
  recipients,
  conversationId: ConversationId.parse(randomUUID()),
})
const turn = () => new Promise((resolve) => setTimeout(resolve, 5))

test('each command goes to one of the consumers, after the call that sent it', async () => {
  broker = createInProcessBroker({ log })
  const seen: Command[] = []
  await broker.consumeCommands(async (taken) => void seen.push(taken))
  await broker.consumeCommands(async (taken) => void seen.push(taken))
  const sent = [command(), command(), command()]

  const taken = Promise.all(sent.map((each) => broker.sendCommand(each)))
  expect(seen).toEqual([])
  await taken
  await turn()

  expect(seen).toHaveLength(3)
  expect(new Set(seen)).toEqual(new Set(sent))
})

test('a consumer works on no more commands at a time than the limit', async () => {
  broker = createInProcessBroker({ log, commands: { concurrency: 2 } })
  const gates: (() => void)[] = []
  await broker.consumeCommands(() => new Promise((resolve) => gates.push(resolve)))
  for (let i = 0; i < 5; i += 1) await broker.sendCommand(command())
  await turn()
  expect(gates).toHaveLength(2)

  gates[0]?.()
  await turn()
  expect(gates).toHaveLength(3)
  for (let i = 1; i < 5; i += 1) {
    gates[i]?.()
    await turn()
  }
})

test('a failing command is given again and then set aside with a log line', async () => {
  broker = createInProcessBroker({ log, commands: { maxTries: 3, retryDelayMs: 1 } })
  const handler = vi.fn(async () => {
    throw new Error('no database')
  })
  await broker.consumeCommands(handler)
  await broker.sendCommand(command())

  await vi.waitFor(() => expect(logged.join('')).toContain('work is given up'))
  expect(handler).toHaveBeenCalledTimes(3)
})

test('a command that fails once is done by the next try', async () => {
  broker = createInProcessBroker({ log, commands: { retryDelayMs: 1 } })
  const done: Command[] = []
  let hasFailed = false
  await broker.consumeCommands(async (taken) => {
    if (!hasFailed) {
      hasFailed = true
      throw new Error('deadlock detected')
    }
    done.push(taken)
  })
  const sent = command()
  await broker.sendCommand(sent)

  await vi.waitFor(() => expect(done).toEqual([sent]))
})

test('senders wait while too many commands wait, and go on in their order', async () => {
  broker = createInProcessBroker({ log, commands: { maxWaiting: 2 } })
  const taken: number[] = []
  const sends = [0, 1, 2, 3].map((n) => broker.sendCommand(command()).then(() => taken.push(n)))
  await turn()
  expect(taken).toEqual([0])

  await broker.consumeCommands(async () => {})
  await Promise.all(sends)
  expect(taken).toEqual([0, 1, 2, 3])
})

test('an event for several shards reaches a subscription once, and only those concerned', async () => {
  broker = createInProcessBroker({ log })
  const near: AccountEvent[] = []
  const far: AccountEvent[] = []
  await broker.subscribeShards([1, 2, 3], (event) => near.push(event))
  await broker.subscribeShards([9], (event) => far.push(event))
  const [alice, bob] = [accountIn(1), accountIn(2)]
  expect([alice, bob].map(shardOf)).toEqual([1, 2])

  const event = eventFor(alice, bob)
  await broker.publishToShards(event)
  expect(near).toEqual([])
  await turn()

  expect(near).toEqual([event])
  expect(far).toEqual([])
})

test('the shards of a subscription can change, and a closed one hears nothing', async () => {
  broker = createInProcessBroker({ log })
  const heard: AccountEvent[] = []
  const subscription = await broker.subscribeShards([1], (event) => heard.push(event))
  await subscription.setShards([2])
  const [before, after] = [eventFor(accountIn(1)), eventFor(accountIn(2))]
  await broker.publishToShards(before)
  await broker.publishToShards(after)
  await turn()
  expect(heard).toEqual([after])

  await broker.publishToShards(after)
  await subscription.close()
  await turn()
  expect(heard).toEqual([after])
})

test('a decided batch reaches its instance only, a session event everybody', async () => {
  broker = createInProcessBroker({ log })
  const [here, there] = [InstanceId.parse(randomUUID()), InstanceId.parse(randomUUID())]
  const heard: string[] = []
  await broker.subscribeInstance(here, () => heard.push('decided here'))
  await broker.subscribeInstance(there, () => heard.push('decided there'))
  await broker.subscribeAll(() => heard.push('ended'))
  await broker.subscribeAll(() => heard.push('ended'))

  const decided: BatchDecided = { type: 'batch.decided', batchId: randomUUID(), verdicts: [] }
  await broker.publishToInstance(here, decided)
  await broker.publishToAll({
    type: 'session.ended',
    sessionId: actor.sessionId,
    accountId: actor.accountId,
  })
  await turn()

  expect(heard).toEqual(['decided here', 'ended', 'ended'])
})

test('a handler that throws is logged and keeps nobody else from hearing', async () => {
  broker = createInProcessBroker({ log })
  const heard: AccountEvent[] = []
  await broker.subscribeShards([1], () => {
    throw new Error('a bug')
  })
  await broker.subscribeShards([1], (event) => heard.push(event))
  await broker.publishToShards(eventFor(accountIn(1)))
  await turn()

  expect(heard).toHaveLength(1)
  expect(logged.join('')).toContain('an event handler failed')
})

test('closing waits for running commands, releases waiting senders and refuses new ones', async () => {
  broker = createInProcessBroker({ log, commands: { concurrency: 1, maxWaiting: 1 } })
  const gate = Promise.withResolvers<void>()
  const ended: string[] = []
  await broker.consumeCommands(() => gate.promise.then(() => void ended.push('handler')))
  await broker.sendCommand(command())
  const waiting = broker.sendCommand(command())
  const refused = expect(waiting).rejects.toThrow('closed')

  const closed = broker.close().then(() => ended.push('broker'))
  await refused
  expect(ended).toEqual([])
  gate.resolve()
  await closed

  expect(ended).toEqual(['handler', 'broker'])
  expect(broker.isHealthy()).toBe(false)
  await expect(broker.sendCommand(command())).rejects.toThrow('closed')
  await expect(broker.publishToShards(eventFor(accountIn(1)))).rejects.toThrow('closed')
})
