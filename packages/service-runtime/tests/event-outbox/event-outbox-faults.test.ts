import { randomUUID } from 'node:crypto'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { AccountId, type SessionEnded, SessionId } from '@sotto/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../../tests/postgres/test-database.ts'
import { startTestRabbitmq, type TestRabbitmq } from '../../../../tests/programs/rabbitmq.ts'
import {
  type Broker,
  createEventOutbox,
  createInProcessBroker,
  createLogger,
  createRabbitmqBroker,
  type EventOutbox,
  migrate,
} from '../../src/index.ts'

const log = createLogger({ name: 'test', level: 'silent' })
const schema = 'harbour'
const otherSchema = 'quay'
let database: TestDatabase
let rabbitmq: TestRabbitmq
beforeAll(async () => {
  database = await createTestDatabase()
  await using none = await mkdtempDisposable(join(tmpdir(), 'sotto-none-'))
  for (const each of [schema, otherSchema]) {
    await migrate(database.sql, { schema: each, folder: none.path })
  }
  rabbitmq = await startTestRabbitmq()
})
afterAll(async () => {
  await rabbitmq[Symbol.asyncDispose]()
  await database.drop()
})

const ended = (): SessionEnded => ({
  type: 'session.ended',
  sessionId: SessionId.parse(randomUUID()),
  accountId: AccountId.parse(randomUUID()),
})
const left = async () => (await database.sql`select 1 from harbour.event_outbox`).length
const openOutbox = (broker: Broker, of = schema) =>
  createEventOutbox({ sql: database.sql, schema: of, broker, log })

async function commit(outbox: EventOutbox, event: SessionEnded) {
  outbox.publish(await database.sql.begin((tx) => outbox.add(tx, [event])))
}

test('events that two instances commit while RabbitMQ is killed are published by either when it is back', async () => {
  const url = rabbitmq.url
  const brokers = [
    await createRabbitmqBroker({ url, log }),
    await createRabbitmqBroker({ url, log }),
  ]
  const listener = await createRabbitmqBroker({ url, log })
  const heard: string[] = []
  await listener.subscribeAll((event) => {
    if (event.type === 'session.ended') heard.push(event.sessionId)
  })
  const [one, two] = brokers.map((broker) => openOutbox(broker)) as [EventOutbox, EventOutbox]

  // The kill happens in the middle of the commits.
  const events = Array.from({ length: 300 }, ended)
  const killed = sleep(100).then(() => rabbitmq.kill())
  const isDown = () => brokers.every((broker) => !broker.isHealthy())
  const whileDown: SessionEnded[] = []
  for (const [n, event] of events.entries()) {
    if (isDown()) whileDown.push(event)
    await commit(n % 2 ? one : two, event)
    await sleep(2)
  }
  await killed
  // One instance crashes: its memory is lost, and the other one publishes for both.
  await one.close()
  expect(whileDown.length).toBeGreaterThan(50)
  expect(await left()).toBeGreaterThanOrEqual(whileDown.length)

  await rabbitmq.start()
  await expect.poll(left).toBe(0)
  await expect
    .poll(() => whileDown.filter(({ sessionId }) => !heard.includes(sessionId)))
    .toEqual([])
  // At least once, and nothing that was never committed.
  const committed = new Set(events.map(({ sessionId }) => String(sessionId)))
  expect(heard.filter((sessionId) => !committed.has(sessionId))).toEqual([])
  await two.close()
  await Promise.all([...brokers, listener].map((broker) => broker.close()))
})

test('there is room while the broker keeps up', async () => {
  const outbox = openOutbox(createInProcessBroker({ log }))
  for (let n = 0; n < 20; n += 1) await commit(outbox, ended())
  let hasRoom = false
  void outbox.room().then(() => {
    hasRoom = true
  })
  // Immediately: it does not even wait for a timer.
  await new Promise(setImmediate)
  expect(hasRoom).toBe(true)
  await outbox.close()
})

test('a broker that confirms nothing leaves no room until it does', async () => {
  const gate = Promise.withResolvers<void>()
  const outbox = openOutbox({
    ...createInProcessBroker({ log }),
    publishToAll: () => gate.promise,
  })
  const many = Array.from({ length: 2_000 }, ended)
  outbox.publish(await database.sql.begin((tx) => outbox.add(tx, many)))
  let hasRoom = false
  const room = outbox.room().then(() => {
    hasRoom = true
  })
  await sleep(300)
  expect(hasRoom).toBe(false)

  gate.resolve()
  await room
  await outbox.close()
  expect(await left()).toBe(0)
})

test('acceptance is slowed down, not stopped, and a closing process does not wait', async () => {
  const broker = {
    ...createInProcessBroker({ log }),
    publishToAll: () => Promise.reject(new Error('RabbitMQ is not there')),
  }
  const outbox = openOutbox(broker)
  const closing = openOutbox(broker, otherSchema)
  for (const each of [outbox, closing]) {
    await database.sql.begin((tx) => each.add(tx, [ended()]))
    each.kick()
  }
  await sleep(200)
  const startedAt = performance.now()
  await outbox.room()
  const slowedMs = performance.now() - startedAt
  expect(slowedMs).toBeGreaterThan(4_000)

  const order: string[] = []
  const goesOn = outbox.room().then(() => order.push('goes on'))
  const stops = closing.room().then(() => order.push('stops'))
  await closing.close()
  await Promise.all([goesOn, stops])
  expect(order).toEqual(['stops', 'goes on'])
  await outbox.close()
  await database.sql`delete from harbour.event_outbox`
})

test('a large outbox that a crash left behind is emptied before there is room', async () => {
  const crashed = openOutbox(createInProcessBroker({ log }))
  await database.sql.begin((tx) => crashed.add(tx, Array.from({ length: 1_000 }, ended)))
  await crashed.close()
  await database.sql`update harbour.event_outbox set added_at = now() - interval '1 minute'`

  const broker = createInProcessBroker({ log })
  const heard = new Set<string>()
  await broker.subscribeAll((event) => {
    if (event.type === 'session.ended') heard.add(event.sessionId)
  })
  const outbox = openOutbox(broker)
  outbox.kick()
  await expect.poll(() => heard.size, { interval: 1 }).toBeGreaterThan(256)
  await outbox.room()
  expect(await left()).toBe(0)
  expect(heard.size).toBe(1_000)
  await outbox.close()
})
