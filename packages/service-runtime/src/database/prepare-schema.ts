import { setTimeout as sleep } from 'node:timers/promises'
import { ConfigError } from '../config/config.ts'
import { listRan, migrate, type SchemaSource } from './migrate.ts'
import { connect, type Sql } from './postgres.ts'
import { missingMigrations, readMigrations } from './read-migrations.ts'

const WAIT_MS = 120_000
const LOOK_EVERY_MS = 500
/** SQLSTATE: the table or the schema does not exist yet, or the right to read it is missing. */
const NOT_THERE = /^(42P01|3F000|42501)$/

export interface PrepareSchemaOptions extends SchemaSource {
  /** The service's pool. */
  readonly sql: Sql
  /**
   * The database as the role that owns the schema. Without it, another process must run the
   * migrations.
   */
  readonly ownerUrl?: string | undefined
  /** How long to wait for that process, in milliseconds; two minutes by default. */
  readonly waitMs?: number
}

/**
 * Makes sure that the schema matches this version of the service. With `ownerUrl`, it migrates the
 * schema as its owner and grants the role of `sql` its rights. Without, it waits until another
 * process has done so. Throws `ConfigError` if the schema belongs to another version.
 */
export async function prepareSchema(options: PrepareSchemaOptions): Promise<void> {
  const { sql, ownerUrl, schema, folder } = options
  if (ownerUrl === undefined) return waitUntilMigrated(options)
  const ownerSql = connect(ownerUrl, { maxConnections: 1, applicationName: 'sotto migrations' })
  try {
    const [role, owner] = await Promise.all([roleOf(sql), roleOf(ownerSql)])
    await migrate(ownerSql, { schema, folder, ...(role !== owner && { grantTo: role }) })
  } finally {
    await ownerSql.end({ timeout: 5 })
  }
}

async function roleOf(sql: Sql): Promise<string> {
  const [row] = await sql<{ role: string }[]>`select current_user as role`
  return row?.role ?? ''
}

async function waitUntilMigrated({ sql, schema, folder, waitMs = WAIT_MS }: PrepareSchemaOptions) {
  const migrations = await readMigrations(folder)
  const deadline = performance.now() + waitMs
  for (;;) {
    const missing = missingMigrations(migrations, await findRan(sql, schema), schema)
    if (missing.length === 0) return
    if (performance.now() > deadline) {
      const names = missing.map(({ name }) => name).join(', ')
      throw new ConfigError(
        `The schema ${schema} is not up to date (${names}), and this process may not change it. Start one that has the address of the schema's owner.`,
      )
    }
    await sleep(Math.min(LOOK_EVERY_MS, waitMs))
  }
}

async function findRan(sql: Sql, schema: string) {
  try {
    return await listRan(sql, schema)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? `${error.code}` : ''
    if (NOT_THERE.test(code)) return new Map<string, string>()
    throw error
  }
}
