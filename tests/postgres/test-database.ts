import { randomBytes } from 'node:crypto'
import { connect, type Sql } from '@sotto/service-runtime'
import { inject } from 'vitest'
import { adminOf } from './as-admin.ts'
import {
  borrowDatabase,
  createDatabaseLike,
  dropDatabase,
  giveDatabaseBack,
  inDatabase,
} from './lent-databases.ts'

/** A separate database on the real PostgreSQL of this test run. */
export interface TestDatabase extends AsyncDisposable {
  /** The superuser's URL for this database. */
  readonly url: string
  readonly sql: Sql
  /** Closes `sql` and releases the database, disconnecting everyone. */
  drop(): Promise<void>
}

/**
 * Creates an empty database: `await using database = await createTestDatabase()` in a test, or once
 * per file with `drop` in `afterAll`. Run `migrate` in it for the tables of a service.
 *
 * One real PostgreSQL serves a whole vitest run: `global-postgres.ts` starts it for the tests of
 * the project `services` (see `vitest.config.ts`), so add new folders with such tests there.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  const admin = adminOf(inject('postgresUrl'))
  const name = `test_${randomBytes(8).toString('hex')}`
  await createDatabaseLike(admin, name, 'template1')
  return openDatabase(name, async (sql) => {
    await sql.end({ timeout: 2 })
    await dropDatabase(admin, name)
  })
}

/** The same with the tables of all services. */
export async function createMigratedDatabase(): Promise<TestDatabase> {
  const admin = adminOf(inject('postgresUrl'))
  const template = inject('templateDatabase')
  const name = await borrowDatabase(admin, template)
  return openDatabase(name, (sql) => giveDatabaseBack(admin, name, template, sql))
}

function openDatabase(name: string, giveUp: (sql: Sql) => Promise<void>): TestDatabase {
  const url = inDatabase(inject('postgresUrl'), name)
  const sql = connect(url, { maxConnections: 8, applicationName: 'test' })
  let gone: Promise<void> | undefined
  const drop = () => {
    gone ??= giveUp(sql)
    return gone
  }
  return { url, sql, drop, [Symbol.asyncDispose]: drop }
}
