import { randomUUID } from 'node:crypto'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AccountId, type BroadcastEvent, type Job, type SessionEnded, SessionId } from '@sotto/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../../tests/postgres/test-database.ts'
import {
  connect,
  createEventOutbox,
  createInProcessBroker,
  createLogger,
  migrate,
} from '../../src/index.ts'
import { sessionsEnd } from '../broker/samples.ts'

const log = createLogger({ name: 'test', level: 'silent' })
const schema = 'harbour'
let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
  await using none = await mkdtempDisposable(join(tmpdir(), 'sotto-none-'))
  await migrate(database.sql, { schema, folder: none.path })
})
afterAll(() => database.drop())

const ended = (): SessionEnded => ({
  type: 'session.ended',
  sessionId: SessionId.parse(randomUUID()),
  accountId: AccountId.parse(randomUUID()),
})
const left = async () => (await database.sql`select 1 from harbour.event_outbox`).length

async function start() {
  const broker = createInProcessBroker({ log })
  const received: string[] = []
  await broker.subscribeAll((event) => {
    if (event.type === 'session.ended') received.push(event.sessionId)
  })
  const outbox = createEventOutbox({ sql: database.sql, schema, broker, log })
  return { broker, received, outbox }
}

test('an event is published after its transaction is committed, and leaves the table', async () => {
  const { outbox, received } = await start()
  const event = ended()
  await database.sql.begin(async (tx) => {
    await outbox.add(tx, [event])
    outbox.kick()
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(received).toEqual([])
  })
  outbox.kick()

  await expect.poll(() => received).toEqual([event.sessionId])
  await outbox.close()
  expect(await left()).toBe(0)
})

test('recorded events can be published without reading them again', async () => {
  const { outbox, received } = await start()
  const event = ended()
  outbox.publish(await outbox.add(database.sql, [event]))

  await expect.poll(() => received).toEqual([event.sessionId])
  await expect.poll(left).toBe(0)
  await outbox.close()
  expect(received).toHaveLength(1)
})

test('a job enters the queue of its kind, immediately or by the sweep', async () => {
  const { broker, outbox } = await start()
  const taken: Job[] = []
  await broker.consumeJobs('sessions.end', async (job) => void taken.push(job))
  const [first, second] = [sessionsEnd(), { ...sessionsEnd(), startedBefore: 2 }]
  outbox.publish(await outbox.add(database.sql, [first]))
  await expect.poll(() => taken).toEqual([first])
  await expect.poll(left).toBe(0)
  await outbox.add(database.sql, [second])
  outbox.kick()

  await expect.poll(() => taken).toEqual([first, second])
  await expect.poll(left).toBe(0)
  await outbox.close()
})

test('events that the broker does not accept immediately remain for the sweep', async () => {
  const down = await start()
  await down.broker.close()
  down.outbox.publish(await down.outbox.add(database.sql, [ended()]))
  await down.outbox.close()
  expect(await left()).toBe(1)

  const { outbox, received } = await start()
  outbox.kick()
  await expect.poll(() => received.length).toBe(1)
  await outbox.close()
})

test('abbreviated events are published in full, and reconstructed after a crash', async () => {
  const event = ended()
  const crashed = await start()
  const recorded = crashed.outbox.record(database.sql, [event], { short: event.sessionId })
  await recorded.statement
  await crashed.outbox.close()
  const [row] = await database.sql`select event from harbour.event_outbox`
  expect(JSON.parse(row?.event)).toEqual({ short: event.sessionId })

  const broker = createInProcessBroker({ log })
  const received: BroadcastEvent[] = []
  await broker.subscribeAll((one) => void received.push(one))
  const expand = async (_: unknown, row: unknown) =>
    (row as { short?: string }).short === event.sessionId ? [event] : undefined
  const outbox = createEventOutbox({ sql: database.sql, schema, broker, log, expand })
  outbox.kick()
  await expect.poll(() => received).toEqual([event])
  outbox.publish(outbox.record(database.sql, [event], { short: event.sessionId }))
  await expect.poll(() => received).toEqual([event, event])
  await outbox.close()
  expect(await left()).toBe(0)
})

test('an event of a rolled-back transaction is never published', async () => {
  const { outbox, received } = await start()
  const attempt = database.sql.begin(async (tx) => {
    await outbox.add(tx, [ended()])
    throw new Error('no')
  })
  await expect(attempt).rejects.toThrow('no')
  outbox.kick()
  await outbox.close()

  expect(received).toEqual([])
  expect(await left()).toBe(0)
})

test('events wait while the broker does not accept them', async () => {
  const down = await start()
  await down.broker.close()
  const events = [ended(), ended()]
  await down.outbox.add(database.sql, events)
  down.outbox.kick()
  await down.outbox.close()
  expect(await left()).toBe(2)

  const { outbox, received } = await start()
  outbox.kick()
  await expect.poll(() => received.length).toBe(2)
  await outbox.close()
  expect(received.sort()).toEqual(events.map(({ sessionId }) => sessionId).sort())
  expect(await left()).toBe(0)
})

test('the sweep finds events that a crash left behind', async () => {
  const crashed = await start()
  await crashed.outbox.add(database.sql, [ended()])
  await crashed.outbox.close()
  const { outbox, received } = await start()

  await expect.poll(() => received.length).toBe(1)
  await outbox.close()
})

test('events on their way to a slow broker are published once, and the sweep takes the rest', async () => {
  const [slow, left] = [ended(), ended()]
  const gate = Promise.withResolvers<void>()
  const taken: unknown[] = []
  const publishToAll = async (event: BroadcastEvent) => {
    taken.push(event)
    if ('sessionId' in event && event.sessionId === slow.sessionId) await gate.promise
  }
  const broker = { ...createInProcessBroker({ log }), publishToAll }
  const outbox = createEventOutbox({ sql: database.sql, schema, broker, log })
  outbox.publish(await outbox.add(database.sql, [slow]))
  await outbox.add(database.sql, [left])

  // Both rows have the same age.
  await expect.poll(() => taken).toContainEqual(left)
  expect(taken).toEqual([slow, left])
  gate.resolve()
  await outbox.close()
  expect(taken).toEqual([slow, left])
})

test('two instances publish many events once each', async () => {
  const [one, two] = [await start(), await start()]
  const events = Array.from({ length: 1000 }, ended)
  await Promise.all([
    one.outbox.add(database.sql, events.slice(0, 500)),
    two.outbox.add(database.sql, events.slice(500)),
  ])
  one.outbox.kick()
  two.outbox.kick()

  await expect.poll(() => one.received.length + two.received.length).toBe(1000)
  await Promise.all([one.outbox.close(), two.outbox.close()])
  expect(new Set([...one.received, ...two.received]).size).toBe(1000)
})

test('a round takes no more rows than its limit, whichever plan PostgreSQL chooses', async () => {
  // The plan that PostgreSQL may choose for a table that it believes to be nearly empty.
  const sql = connect(database.url, { maxConnections: 1, applicationName: 'test' })
  for (const way of ['hashjoin', 'mergejoin', 'material', 'hashagg', 'sort']) {
    await sql`select set_config(${`enable_${way}`}, 'off', false)`
  }

  let taken = 0
  const gate = Promise.withResolvers<void>()
  const publishToAll = () => {
    taken += 1
    return gate.promise
  }
  const broker = { ...createInProcessBroker({ log }), publishToAll }
  const outbox = createEventOutbox({ sql, schema, broker, log })
  await outbox.add(sql, Array.from({ length: 300 }, ended))
  outbox.kick()
  await expect.poll(() => taken).toBeGreaterThan(0)
  expect(taken).toBe(64)
  gate.resolve()
  await outbox.close()
  await sql`delete from harbour.event_outbox`
  await sql.end()
})

test('an unreadable event does not block the others', async () => {
  const { outbox, received } = await start()
  await database.sql`insert into harbour.event_outbox (event) values ('{"type":"of.old"}')`
  await outbox.add(database.sql, [ended()])
  outbox.kick()

  await expect.poll(() => received.length).toBe(1)
  await outbox.close()
  expect(await left()).toBe(0)
})
