import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../tests/network/postgres.ts'
import { connect, DomainError, type Sql, type Tx, transactInTwoTrips } from '../src/index.ts'

let database: TestDatabase
/** One connection only: whatever keeps it is noticed by the next one who needs it. */
let sql: Sql
beforeAll(async () => {
  database = await createTestDatabase()
  sql = connect(database.url, { maxConnections: 1, applicationName: 'two trips' })
  await sql`create table boats (name text primary key)`
})
beforeEach(() => sql`truncate boats`)
afterAll(async () => {
  await sql.end({ timeout: 2 })
  await database.drop()
})

const boats = async () => (await sql<{ name: string }[]>`select name from boats`).map((b) => b.name)
const add = (tx: Tx, name: string) => tx`insert into boats values (${name})`
const count = async (tx: Tx) => (await tx`select from boats`).length

test('what was read decides what is written, and all of it is committed', async () => {
  const result = await transactInTwoTrips(sql, {
    read: count,
    decide: (tx, before) => ({ writes: [add(tx, 'one'), add(tx, 'two')], result: before }),
  })

  expect(result).toBe(0)
  expect(await boats()).toEqual(['one', 'two'])
})

test('a transaction that writes nothing ends', async () => {
  const read = async (tx: Tx) => (await tx`select 1 as one`).length
  expect(
    await transactInTwoTrips(sql, { read, decide: (_, n) => ({ writes: [], result: n }) }),
  ).toBe(1)
})

test('when one of the writes fails nothing is written, and the connection serves on', async () => {
  const attempt = transactInTwoTrips(sql, {
    read: count,
    decide: (tx) => ({ writes: [add(tx, 'one'), add(tx, 'one'), add(tx, 'two')], result: null }),
  })

  await expect(attempt).rejects.toMatchObject({ code: '23505' })
  expect(await boats()).toEqual([])
})

test.each([
  ['a refusal', () => new DomainError('conversation_closed')],
  ['a mistake', () => new TypeError('no')],
])('%s while deciding writes nothing, and the connection serves on', async (_, refusal) => {
  const attempt = transactInTwoTrips(sql, {
    async read(tx) {
      await add(tx, 'one')
    },
    decide() {
      throw refusal()
    },
  })

  await expect(attempt).rejects.toThrow()
  expect(await boats()).toEqual([])
})

test('what cannot be read ends the transaction', async () => {
  const attempt = transactInTwoTrips(sql, {
    async read(tx) {
      await add(tx, 'one')
      await tx`select from no_table`
    },
    decide: () => ({ writes: [], result: null }),
  })

  await expect(attempt).rejects.toMatchObject({ code: '42P01' })
  expect(await boats()).toEqual([])
})

test('a connection that is lost on the way writes nothing, and is not used again', async () => {
  const killed = transactInTwoTrips(sql, {
    async read(tx) {
      await tx`select pg_terminate_backend(pg_backend_pid())`
    },
    decide: (tx) => ({ writes: [add(tx, 'one')], result: null }),
  })
  const next = sql`insert into boats values ('next')`

  await expect(killed).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
  await next
  expect(await boats()).toEqual(['next'])
})

test('many at once share a pool, each whole', async () => {
  const pool = connect(database.url, { maxConnections: 3, applicationName: 'two trips' })
  const transactions = Array.from({ length: 40 }, (_, n) =>
    transactInTwoTrips(pool, {
      read: async (tx) => void (await tx`select pg_sleep(0.002)`),
      decide: (tx) => ({
        writes: [add(tx, `a${n}`), ...(n % 4 === 0 ? [add(tx, `a${n}`)] : []), add(tx, `b${n}`)],
        result: null,
      }),
    }),
  )
  const settled = await Promise.allSettled(transactions)
  await pool.end({ timeout: 2 })

  expect(settled.filter(({ status }) => status === 'rejected')).toHaveLength(10)
  expect(await boats()).toHaveLength(60)
})
