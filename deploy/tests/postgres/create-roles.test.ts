import { randomBytes } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type Sql } from '@sotto/service-runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../tests/postgres/test-database.ts'
import { repository } from '../../../tests/source/source-files.ts'
import { migrateBoth } from '../../image/migrate.ts'

// Roles belong to the whole server, which other tests use too, so ours have distinct names.
const prefix = `t${randomBytes(4).toString('hex').replaceAll(/\d/g, 'x')}`
const password = randomBytes(24).toString('base64url')
let database: TestDatabase
let environment: Record<string, string>

const urlOf = (role: string) =>
  Object.assign(new URL(database.url), { username: `${prefix}_${role}`, password }).href

/** Runs `act` as one of the roles. */
async function as<T>(role: string, act: (sql: Sql) => Promise<T>): Promise<T> {
  const sql = connect(urlOf(role), { maxConnections: 1, applicationName: 'test' })
  return act(sql).finally(() => sql.end({ timeout: 2 }))
}

beforeAll(async () => {
  database = await createTestDatabase()
  const script = readFileSync(join(repository, 'deploy/database/create-roles.sql'), 'utf8')
    .replaceAll('sotto_', `${prefix}_`)
    .replaceAll(/:'\w+_password'/g, `'${password}'`)
  const file = join(tmpdir(), `${prefix}.sql`)
  writeFileSync(file, script, { mode: 0o600 })
  // Like psql: on one connection, which begins and ends the transaction.
  const psql = connect(database.url, { maxConnections: 1, applicationName: 'test' })
  await psql.file(file).simple()
  // Again, as after an attempt that stopped at an unknown point.
  await psql.file(file).simple()
  await psql.end()
  rmSync(file)
  environment = {
    AUTH_OWNER_DATABASE_URL: urlOf('auth_owner'),
    CHAT_OWNER_DATABASE_URL: urlOf('chat_owner'),
    AUTH_DATABASE_ROLE: `${prefix}_auth`,
    CHAT_DATABASE_ROLE: `${prefix}_chat`,
  }
})

afterAll(async () => {
  for (const role of ['auth', 'auth_owner', 'chat', 'chat_owner']) {
    await database.sql`drop owned by ${database.sql(`${prefix}_${role}`)} cascade`
    await database.sql`drop role ${database.sql(`${prefix}_${role}`)}`
  }
  await database.drop()
})

test('creates the roles, and the migrations run with them, once or repeatedly', async () => {
  await migrateBoth(environment)
  await migrateBoth(environment)
  const [row] = await as('chat', (sql) => sql`select count(*)::int as count from chat.envelopes`)
  expect(row).toEqual({ count: 0 })
})

test('a service reads and writes its rows, and cannot change a table', async () => {
  await as('chat', async (sql) => {
    await expect(sql`create table chat.more (id int)`).rejects.toThrow(/permission denied/)
    await expect(sql`drop table chat.envelopes`).rejects.toThrow(/must be owner/)
    await expect(sql`create table public.more (id int)`).rejects.toThrow(/permission denied/)
  })
})

test("a service cannot reach the other's tables", async () => {
  await expect(as('chat', (sql) => sql`select * from auth.accounts`)).rejects.toThrow(
    /permission denied/,
  )
  await expect(as('auth', (sql) => sql`select * from chat.envelopes`)).rejects.toThrow(
    /permission denied/,
  )
  await expect(as('auth_owner', (sql) => sql`select * from chat.envelopes`)).rejects.toThrow(
    /permission denied/,
  )
})

test('reports a missing variable without a stack', async () => {
  await expect(migrateBoth({ ...environment, AUTH_OWNER_DATABASE_URL: '' })).rejects.toThrow(
    'AUTH_OWNER_DATABASE_URL: must be like postgres://user:password@host:5432/sotto',
  )
})
