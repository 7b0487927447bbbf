import { expect, inject, test } from 'vitest'
import { adminOf } from './as-admin.ts'
import { createMigratedDatabase } from './test-database.ts'

/** Whether the database still exists, lent or not. */
async function isThere(url: string): Promise<boolean> {
  const admin = adminOf(inject('postgresUrl'))
  const name = new URL(url).pathname.slice(1)
  return (await admin`select from pg_database where datname = ${name}`).length === 1
}

test("a database with other rows is kept, and lent again with only the migrations' rows", async () => {
  const first = await createMigratedDatabase()
  const migrations = await first.sql`select name from chat.migrations order by name`
  await first.sql`insert into chat.eras (era, home) values ('0123456789abcdef', 'here')`
  await first.sql`delete from chat.migrations`
  await first.drop()
  expect(await isThere(first.url)).toBe(true)

  await using next = await createMigratedDatabase()
  expect(await next.sql`select name from chat.migrations order by name`).toEqual(migrations)
  expect(await next.sql`select from chat.eras`).toHaveLength(0)
})

test.each([
  'alter table chat.eras add column more text',
  'drop table chat.eras',
  'alter table chat.eras alter column home drop not null',
])('a database is not lent again after: %s', async (change) => {
  const database = await createMigratedDatabase()
  await database.sql.unsafe(change)
  await database.drop()
  expect(await isThere(database.url)).toBe(false)
})
