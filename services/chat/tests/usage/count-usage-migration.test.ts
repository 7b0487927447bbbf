import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { connect, migrate, readMigrations } from '@sotto/service-runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../../tests/postgres/test-database.ts'
import { recountUsage } from '../../src/domain/usage/recount-usage.ts'
import { readCounters, recountRows } from './recounted-usage.ts'

const folder = fileURLToPath(new URL('../../src/migrations/', import.meta.url))
const CONVERSATIONS = 700
const LONG_LOG = 12_000

let database: TestDatabase

// A database of the previous version with rows in it, an instance of that version that continues to
// write, and the start of two instances of this version.
beforeAll(async () => {
  database = await createTestDatabase()
  const { sql, url } = database
  const names = (await readMigrations(folder)).map(({ name }) => name)
  const only = new Set(names.filter((name) => name < '0012' || name.startsWith('runtime/')))
  await migrate(sql, { schema: 'chat', folder, only })
  await fillAsBefore()

  const old = connect(url, { maxConnections: 4, applicationName: 'old instance' })
  let isMigrating = true
  const goOn = async () => {
    for (let n = 0; isMigrating || n < 10; n += 1) {
      await old.begin(async (tx) => {
        const [conversation] = await tx<{ id: string; seq: number }[]>`
          update chat.conversations set last_seq = last_seq + 1
          where id = (select id from chat.conversations order by random() limit 1)
          returning id, last_seq as seq`
        if (!conversation) return
        const { id, seq } = conversation
        await tx`
          insert into chat.envelopes
          values (${id}, ${seq}, ${randomUUID()}, ${id}, ${id}, 0, 'message', 'late')`
      })
    }
  }
  const writing = Promise.all([goOn(), goOn()])
  const owners = [1, 2].map(() => connect(url, { maxConnections: 1, applicationName: 'new' }))
  await Promise.all(owners.map((owner) => migrate(owner, { schema: 'chat', folder })))
  isMigrating = false
  await writing
  await Promise.all([old, ...owners].map((one) => one.end()))
})
afterAll(() => database.drop())

/** Conversations of 0 to 19 envelopes, and one with a long log. */
async function fillAsBefore() {
  const { sql } = database
  await sql`
    insert into chat.conversations (id, protocol, created_by, created_at, active_at, last_seq)
    select gen_random_uuid(), 'ecdh', gen_random_uuid(), 0, 0,
      case when n = 5 then ${LONG_LOG} else n % 20 end
    from generate_series(1, ${CONVERSATIONS}) n`
  await sql`
    insert into chat.envelopes
    select c.id, seq, gen_random_uuid(), case when seq % 2 = 0 then c.created_by else c.id end,
      c.id, 0, 'message', repeat('x', (seq % 50)::int)
    from chat.conversations c, generate_series(1, c.last_seq) seq`
  await sql`
    insert into chat.accounts (account_id, record, record_version, name, search_name, published_at)
    select created_by, '', 1, 'a', 'a', 0 from chat.conversations`
}

test('existing data is counted, and a recount covers what an old instance wrote meanwhile', async () => {
  const { sql } = database
  const before = await readCounters(sql)
  const counted = before.reduce((sum, { bytes }) => sum + bytes, 0)
  expect(counted).toBeGreaterThan((LONG_LOG + CONVERSATIONS) * 256)
  expect(before.reduce((sum, { conversations }) => sum + conversations, 0)).toBe(CONVERSATIONS)

  expect(await recountUsage(sql)).toBeGreaterThan(0)
  expect(await readCounters(sql)).toEqual(await recountRows(sql))
  expect(await recountUsage(sql)).toBe(0)
})

test('existing accounts are not young', async () => {
  const [row] = await database.sql<{ count: number }[]>`
    select count(*) from chat.account_usage u join chat.accounts using (account_id)
    where since = 0`
  expect(row?.count).toBe(CONVERSATIONS)
})

test('nothing temporary is left over', async () => {
  const [row] = await database.sql`select to_regclass('chat.usage_counted') as left`
  expect(row).toEqual({ left: null })
})
