import { randomBytes } from 'node:crypto'
import { connect, type Sql } from '@sotto/service-runtime'
import { inject } from 'vitest'
import { asAdmin } from './as-admin.ts'

/** A database of one's own on the real PostgreSQL of this test run. */
export interface TestDatabase extends AsyncDisposable {
  /** Of the superuser, for this database. */
  readonly url: string
  readonly sql: Sql
  /** Closes `sql` and deletes the database, with whoever is still connected. */
  drop(): Promise<void>
}

/**
 * Makes an empty database: `await using database = await createTestDatabase()` in a test, or once
 * per file with `drop` in `afterAll`. Run `migrate` in it for the tables of a service.
 *
 * One real PostgreSQL serves a whole vitest run: `global-postgres.ts` starts it for the tests of the
 * project `services` (see `vitest.config.ts`), so a new folder with such tests is named there.
 */
export function createTestDatabase(): Promise<TestDatabase> {
  return copyDatabase('template1')
}

/** The same with the tables of all services in it. */
export function createMigratedDatabase(): Promise<TestDatabase> {
  return copyDatabase(inject('templateDatabase'))
}

async function copyDatabase(template: string): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`
  const server = inject('postgresUrl')
  await asAdmin(server, (admin) => {
    return admin`create database ${admin(name)} template ${admin(template)} strategy file_copy`
  })

  const url = Object.assign(new URL(server), { pathname: `/${name}` }).href
  const sql = connect(url, { maxConnections: 8, applicationName: 'test' })
  const drop = async () => {
    await sql.end({ timeout: 2 })
    await asAdmin(server, (admin) => admin`drop database if exists ${admin(name)} with (force)`)
  }
  return { url, sql, drop, [Symbol.asyncDispose]: drop }
}
