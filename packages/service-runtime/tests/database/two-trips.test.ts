import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../../tests/postgres/test-database.ts'
import { connect, DomainError, type Sql, type Tx, transactInTwoTrips } from '../../src/index.ts'

let database: TestDatabase
/** Only one connection, so that the next user notices if it was not returned. */
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

test('decides what to write from what it read, and commits all of it', async () => {
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

test('if one of the writes fails, nothing is written and the connection remains usable', async () => {
  const attempt = transactInTwoTrips(sql, {
    read: count,
    decide: (tx) => ({ writes: [add(tx, 'one'), add(tx, 'one'), add(tx, 'two')], result: null }),
  })

  await expect(attempt).rejects.toMatchObject({ code: '23505' })
  expect(await boats()).toEqual([])
})

test.each([
  ['a domain error', () => new DomainError('conversation_closed')],
  ['a bug', () => new TypeError('no')],
])('%s while deciding writes nothing, and the connection remains usable', async (_, refusal) => {
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

test('a failing read ends the transaction', async () => {
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

test('a connection lost on the way writes nothing and is not reused', async () => {
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

test('many concurrent transactions share a pool, each atomic', async () => {
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
