import { randomUUID } from 'node:crypto'
import {
  type Broker,
  createInProcessBroker,
  createLogger,
  createRabbitmqBroker,
} from '@sotto/service-runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestRabbitmq, type TestRabbitmq } from '../../../../tests/programs/rabbitmq.ts'
import { newActor, newConversationId, newEnvelope, storedEnvelope, Testbed } from '../testbed.ts'

const log = createLogger({ name: 'test', level: 'silent' })
let rabbitmq: TestRabbitmq
beforeAll(async () => {
  rabbitmq = await startTestRabbitmq()
})
afterAll(() => rabbitmq[Symbol.asyncDispose]())

const join = (prefix: string) => createRabbitmqBroker({ url: rabbitmq.url, log, prefix })

test('when RabbitMQ is killed, every device is closed with 1012, spread over time, and gets pushes after it returns', async () => {
  const prefix = randomUUID()
  const chat = await join(prefix)
  await using bed = await Testbed.start({ spreadRestartMs: 600 }, await join(prefix))
  const actors = Array.from({ length: 12 }, () => newActor())
  const devices = await Promise.all(actors.map((actor) => bed.connect(actor)))
  const closedAt: number[] = []
  const closes = devices.map(async (device) => {
    const code = await device.closed
    closedAt.push(performance.now())
    return code
  })

  await rabbitmq.kill()
  await expect.poll(() => bed.broker.isHealthy()).toBe(false)
  await rabbitmq.start()
  expect(await Promise.all(closes)).toEqual(devices.map(() => 1012))
  const span = Math.max(...closedAt) - Math.min(...closedAt)
  expect(span).toBeGreaterThan(300)

  const [actor = newActor()] = actors
  const device = await bed.connect(actor)
  const conversationId = newConversationId()
  const envelope = storedEnvelope(newEnvelope(conversationId), newActor(), 1)
  await expect.poll(() => chat.isHealthy()).toBe(true)
  await chat.publishToShards({
    type: 'envelopes.stored',
    recipients: [actor.accountId],
    envelopes: [envelope],
  })
  expect((await device.next('envelopes')).envelopes).toEqual([envelope])
  await chat.close()
})

test('envelopes sent while RabbitMQ is down are temporarily refused, and accepted later', async () => {
  const prefix = randomUUID()
  await using bed = await Testbed.start({ spreadRestartMs: 5_000 }, await join(prefix))
  const { logs } = await bed.playChat()
  const device = await bed.connect()
  const envelope = newEnvelope(newConversationId())

  await rabbitmq.kill()
  await expect.poll(() => bed.broker.isHealthy()).toBe(false)
  device.send({ type: 'send', envelopes: [envelope] })
  expect(await device.verdicts(1)).toMatchObject([{ fate: 'refused', code: 'unavailable' }])

  await rabbitmq.start()
  await expect.poll(() => bed.broker.isHealthy()).toBe(true)
  const again = await bed.connect()
  again.send({ type: 'send', envelopes: [envelope] })
  expect(await again.verdicts(1)).toMatchObject([{ fate: 'accepted' }])
  expect(logs.get(envelope.conversationId)).toEqual([envelope])
})

test('the service does not wait for a verdict that was lost with the link', async () => {
  const handlers: (() => void)[] = []
  const inner = createInProcessBroker({ log })
  const broker: Broker = {
    ...inner,
    onInterrupted(handler) {
      handlers.push(handler)
      return { close: async () => {} }
    },
  }
  await using bed = await Testbed.start({ spreadRestartMs: 5_000, decideWithinMs: 60_000 }, broker)
  const commands = await bed.collectCommands()
  const device = await bed.connect()
  const envelope = newEnvelope(newConversationId())
  device.send({ type: 'send', envelopes: [envelope] })
  await expect.poll(() => commands.length).toBe(1)

  for (const interrupted of handlers) interrupted()

  expect(await device.verdicts(1)).toMatchObject([{ id: envelope.id, code: 'unavailable' }])
  expect(await device.closed).toBe(1012)
  const again = await bed.connect()
  again.send({ type: 'send', envelopes: [envelope] })
  await expect.poll(() => commands.length).toBe(2)
})
