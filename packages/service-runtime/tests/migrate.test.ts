import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, migrate } from '@sotto/service-runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../tests/network/postgres.ts'

let database: TestDatabase
let folder: string

beforeAll(async () => {
  database = await createTestDatabase()
  folder = await mkdtemp(join(tmpdir(), 'sotto-migrations-'))
  await writeFile(join(folder, '0001-boats.sql'), 'create table boats (name text primary key);')
})
afterAll(() => database.drop())

test('instances that start together migrate once', async () => {
  const { sql } = database
  await Promise.all([1, 2, 3, 4].map(() => migrate(sql, { schema: 'harbour', folder })))

  const rows = await sql`select name from harbour.migrations order by name`
  expect(rows.map(({ name }) => name)).toEqual([
    '0001-boats.sql',
    'runtime/0001-event-outbox.sql',
    'runtime/0002-rate-limits.sql',
    'runtime/0003-event-outbox-storage.sql',
  ])
  expect(await sql`select * from harbour.boats`).toEqual([])
})

test('a migration that was changed after it ran is refused', async () => {
  const { sql } = database
  await migrate(sql, { schema: 'changing', folder })
  await writeFile(join(folder, '0001-boats.sql'), 'create table boats (id text primary key);')

  await expect(migrate(sql, { schema: 'changing', folder })).rejects.toThrow('was changed')
})

test('a failing migration leaves nothing behind', async () => {
  const { sql } = database
  const broken = await mkdtemp(join(tmpdir(), 'sotto-migrations-'))
  await writeFile(join(broken, '0001-a.sql'), 'create table a (id int);')
  await writeFile(join(broken, '0002-b.sql'), 'create table a (id int);')

  await expect(migrate(sql, { schema: 'broken', folder: broken })).rejects.toThrow()
  expect(await sql`select 1 from pg_namespace where nspname = 'broken'`).toEqual([])
})

test('a role that owns nothing but the schema can migrate it', async () => {
  const { sql, url } = database
  await writeFile(join(folder, '0001-boats.sql'), 'create table boats (name text primary key);')
  const role = `sailor_${Date.now()}`
  await sql`create role ${sql(role)} login password 'ahoy'`
  await sql`create schema small authorization ${sql(role)}`
  const asRole = Object.assign(new URL(url), { username: role, password: 'ahoy' }).href
  const own = connect(asRole, { maxConnections: 1, applicationName: 'test' })

  await migrate(own, { schema: 'small', folder })
  expect(await own`select * from small.boats`).toEqual([])

  await own.end()
  await sql`drop owned by ${sql(role)}`
  await sql`drop role ${sql(role)}`
})
