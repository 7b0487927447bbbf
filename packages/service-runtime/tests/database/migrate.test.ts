import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, migrate, prepareSchema } from '@sotto/service-runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../../tests/postgres/test-database.ts'

let database: TestDatabase
/** Contains all folders of migrations. Removed at the end. */
let place: string
let folder: string
const newFolder = () => mkdtemp(join(place, 'migrations-'))

beforeAll(async () => {
  database = await createTestDatabase()
  place = await mkdtemp(join(tmpdir(), 'sotto-migrate-'))
  folder = await newFolder()
  await writeFile(join(folder, '0001-boats.sql'), 'create table boats (name text primary key);')
})
afterAll(async () => {
  await database.drop()
  await rm(place, { recursive: true })
})

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

test('rejects a migration that was changed after it ran', async () => {
  const { sql } = database
  await migrate(sql, { schema: 'changing', folder })
  await writeFile(join(folder, '0001-boats.sql'), 'create table boats (id text primary key);')

  await expect(migrate(sql, { schema: 'changing', folder })).rejects.toThrow('was changed')
})

test('a failing migration keeps the previous ones and can be run again', async () => {
  const { sql } = database
  const broken = await newFolder()
  await writeFile(join(broken, '0001-a.sql'), 'create table a (id int);')
  await writeFile(join(broken, '0002-b.sql'), 'create table b (id int); create table a (id int);')
  await expect(migrate(sql, { schema: 'broken', folder: broken })).rejects.toThrow()
  expect(await sql`select to_regclass('broken.b') as b`).toEqual([{ b: null }])
  await writeFile(join(broken, '0002-b.sql'), 'create table b (id int);')

  await migrate(sql, { schema: 'broken', folder: broken })

  expect(await sql`select * from broken.b`).toEqual([])
})

test('rejects a database of a newer version, names it, and changes nothing', async () => {
  const { sql } = database
  const newer = await newFolder()
  await writeFile(join(newer, '0001-boats.sql'), 'create table boats (id int);')
  await writeFile(join(newer, '0002-sails.sql'), 'create table sails (id int);')
  await migrate(sql, { schema: 'ahead', folder: newer })
  const older = await newFolder()
  await writeFile(join(older, '0001-boats.sql'), 'create table boats (id int);')

  const told = /newer version of Sotto .*0002-sails\.sql/
  await expect(migrate(sql, { schema: 'ahead', folder: older })).rejects.toThrow(told)
  const waiting = prepareSchema({ sql, schema: 'ahead', folder: older })
  await expect(waiting).rejects.toThrow(told)
})

test('batched work resumes where it stopped, and ends', async () => {
  const { sql } = database
  const batches = await newFolder()
  await writeFile(
    join(batches, '0001-boats.sql'),
    `create table boats (id int, is_painted boolean default false);
     insert into boats select generate_series(1, 25);`,
  )
  await writeFile(
    join(batches, '0002-paint.batch.sql'),
    `with next as (select id from boats where not is_painted order by id limit 10),
       painted as (
         update boats set is_painted = 1 / (case when boats.id = 15 then 0 else 1 end) = 1
         from next where boats.id = next.id
       )
     select count(*)::int as carried from next`,
  )
  // The second batch fails, as in a crash.
  await expect(migrate(sql, { schema: 'painting', folder: batches })).rejects.toThrow('zero')
  expect(await sql`select count(*) from painting.boats where is_painted`).toEqual([{ count: 10 }])
  await sql`update painting.boats set id = 115 where id = 15`

  await migrate(sql, { schema: 'painting', folder: batches })

  expect(await sql`select count(*) from painting.boats where not is_painted`).toEqual([
    { count: 0 },
  ])
})

test('a migration waits for a table in use, and lets others pass in the meantime', async () => {
  const { sql } = database
  const busy = await newFolder()
  await writeFile(join(busy, '0001-boats.sql'), 'create table boats (id int);')
  await migrate(sql, { schema: 'busy', folder: busy })
  await writeFile(join(busy, '0002-sails.sql'), 'alter table boats add column sails int;')
  const reader = await sql.reserve()
  await reader`begin`
  await reader`select * from busy.boats`

  const migrating = migrate(sql, { schema: 'busy', folder: busy })
  // It queues behind the waiting migration, but not until the migration succeeds.
  await new Promise((resolve) => setTimeout(resolve, 200))
  await sql`select * from busy.boats`
  await reader`commit`
  reader.release()
  await migrating

  expect(await sql`select sails from busy.boats`).toEqual([])
})

test('a role that owns only the schema migrates it for one that only writes rows', async () => {
  const { sql, url } = database
  await writeFile(join(folder, '0001-boats.sql'), 'create table boats (name text primary key);')
  const [owner, service] = [`owner_${Date.now()}`, `service_${Date.now()}`]
  await sql`create role ${sql(owner)} login password 'ahoy'`
  await sql`create role ${sql(service)} login password 'ahoy'`
  await sql`create schema small authorization ${sql(owner)}`
  const urlOf = (role: string) =>
    Object.assign(new URL(url), { username: role, password: 'ahoy' }).href
  const own = connect(urlOf(service), { maxConnections: 1, applicationName: 'test' })

  // A process that may not migrate waits for one that may.
  const waiting = prepareSchema({ sql: own, schema: 'small', folder, waitMs: 10_000 })
  await prepareSchema({ sql: own, ownerUrl: urlOf(owner), schema: 'small', folder })
  await waiting

  await own`insert into small.boats (name) values ('tub')`
  await expect(own`drop table small.boats`).rejects.toThrow('must be owner')
  await expect(own`create table small.rafts ()`).rejects.toThrow('permission denied')
  await expect(own`delete from small.migrations`).rejects.toThrow('permission denied')
  await expect(prepareSchema({ sql: own, schema: 'nowhere', folder, waitMs: 50 })).rejects.toThrow(
    'not up to date',
  )

  await own.end()
  for (const role of [owner, service]) {
    await sql`drop owned by ${sql(role)}`
    await sql`drop role ${sql(role)}`
  }
})
