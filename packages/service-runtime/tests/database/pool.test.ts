import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Link } from '../../../../tests/faults/disturbances/link.ts'
import { createTestDatabase, type TestDatabase } from '../../../../tests/postgres/test-database.ts'
import { connect } from '../../src/index.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

const poolOf = (url: string, maxConnections: number) =>
  connect(url, { maxConnections, applicationName: 'test pool' })

test('a waiter gets a connection when another connection is lost', async () => {
  const sql = poolOf(database.url, 1)
  const lost = await sql.reserve()
  const [row] = await lost`select pg_backend_pid() as pid`
  const waiting = sql.reserve()

  await database.sql`select pg_terminate_backend(${row?.pid}::int)`

  const connection = await waiting
  expect(await connection`select 1 as one`).toEqual([{ one: 1 }])
  connection.release()
  await sql.end({ timeout: 1 })
})

test('a pool that could not connect has all its connections afterwards', async () => {
  const { hostname, port } = new URL(database.url)
  await using link = await Link.to(Number(port), hostname)
  const through = new URL(database.url)
  through.port = String(link.port)
  const sql = poolOf(through.href, 3)
  link.set('cut')
  const refused = await Promise.allSettled(Array.from({ length: 6 }, () => sql.reserve()))
  expect(new Set(refused.map(({ status }) => status))).toEqual(new Set(['rejected']))

  link.set('clear')

  const all = await Promise.all([1, 2, 3].map(() => sql.reserve()))
  for (const connection of all) {
    expect(await connection`select 1 as one`).toEqual([{ one: 1 }])
    connection.release()
  }
  await sql.end({ timeout: 1 })
})

test('every transaction settles, and the pool continues, however the database is lost', async () => {
  const { hostname, port } = new URL(database.url)
  await using link = await Link.to(Number(port), hostname)
  const through = new URL(database.url)
  through.port = String(link.port)
  for (let round = 0; round < 40; round += 1) {
    const sql = poolOf(through.href, 2)
    const begin = () => {
      const transaction = sql.begin(async (tx) => [await tx`select 1 as one`, await tx`select 2`])
      // The result is checked later.
      transaction.catch(() => {})
      return transaction
    }
    await begin()
    // Some are running, some wait, some start while connections break or open.
    const transactions = [1, 2, 3].map(begin)
    await sleep(round % 5)
    link.set('cut')
    transactions.push(...[1, 2, 3].map(begin))
    await sleep(20)
    link.set('clear')
    await Promise.allSettled([...transactions, begin().then(begin)])

    expect(await Promise.all([begin(), begin(), begin()])).toHaveLength(3)
    await sql.end({ timeout: 1 })
  }
})
