import { setTimeout as sleep } from 'node:timers/promises'
import type postgres from 'postgres'
import type { Sql, Tx } from './postgres.ts'
import {
  type Migration,
  missingMigrations,
  type RanMigrations,
  readMigrations,
} from './read-migrations.ts'

/** The tables of a service and the files that create them. */
export interface SchemaSource {
  readonly schema: string
  /** A folder of SQL files, which run in the order of their names. */
  readonly folder: string
}

export interface MigrateOptions {
  /** The role that may read and write rows of every table, and nothing else. */
  readonly grantTo?: string
  /** Runs only these migrations, so that the tables match a former version. */
  readonly only?: ReadonlySet<string>
}

// A statement that needs exclusive access to a table waits for the table's users, and everyone else
// waits behind that statement. So it gives up quickly, lets the others pass, and retries.
const LOCK_TIMEOUT_MS = 2_000
const LOCK_TRIES = 60
const BETWEEN_TRIES_MS = 250
/** SQLSTATE: lock not available, deadlock detected. */
const LOCK_REFUSED = /^(55P03|40P01)$/

/**
 * Updates a schema: runs each pending file once, in a separate transaction, while the service
 * continues to run. Instances that start together take turns. A file whose name ends in
 * `.batch.sql` is one statement that does a bounded part of the work and returns in `carried` how
 * much it did. It runs repeatedly until nothing is left, and continues where it stopped after a
 * crash.
 *
 * `sql` connects as the role that owns the schema or may create it. Unqualified names in a file
 * refer to `schema`.
 *
 * Throws `ConfigError` if a file was changed after it ran, or if the database belongs to a newer
 * version.
 */
// No library: the well-maintained ones bring `pg`, a second driver with a second pool.
export async function migrate(
  sql: Sql,
  { schema, folder, grantTo, only }: SchemaSource & MigrateOptions,
): Promise<void> {
  const all = await readMigrations(folder)
  const migrations = only ? all.filter(({ name }) => only.has(name)) : all
  await inTurn(sql, schema, (tx) => prepareSchema(tx, schema, grantTo))
  while (await inTurn(sql, schema, (tx) => runNext(tx, schema, migrations)));
  if (grantTo !== undefined) await inTurn(sql, schema, (tx) => grant(tx, schema, grantTo))
}

/** The migrations that have run in `schema`. Throws the database's error if none ever ran. */
export async function listRan(sql: Tx, schema: string): Promise<RanMigrations> {
  const rows = await sql<{ name: string; sha256: string }[]>`
    select name, sha256 from ${sql(schema)}.migrations`
  return new Map(rows.map(({ name, sha256 }) => [name, sha256]))
}

type Transaction = postgres.TransactionSql<{ bigint: number }>

/**
 * Runs one transaction while no other instance migrates the schema, and retries it if a lock was
 * refused.
 */
async function inTurn<T>(sql: Sql, schema: string, act: (tx: Transaction) => Promise<T>) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await sql.begin(async (tx) => {
        await tx`set local statement_timeout = 0`
        await tx`set local lock_timeout = 0`
        await tx`select pg_advisory_xact_lock(hashtextextended(${`sotto migrate ${schema}`}, 0))`
        await tx`select set_config('lock_timeout', ${LOCK_TIMEOUT_MS}::text, true)`
        return await act(tx)
      })
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? `${error.code}` : ''
      if (!LOCK_REFUSED.test(code) || tries === LOCK_TRIES) throw error
      await sleep(BETWEEN_TRIES_MS)
    }
  }
}

async function prepareSchema(tx: Transaction, schema: string, grantTo: string | undefined) {
  const [found] = await tx`select 1 from pg_namespace where nspname = ${schema}`
  // Not `if not exists`, which requires the right to create schemas even if the schema exists.
  if (!found) await tx`create schema ${tx(schema)}`
  await tx`
    create table if not exists ${tx(schema)}.migrations (
      name text primary key,
      sha256 text not null,
      ran_at timestamptz not null default now()
    )`
  if (grantTo !== undefined) {
    // Before the migrations, because instances of the former version write to new tables
    // immediately.
    await tx`grant usage on schema ${tx(schema)} to ${tx(grantTo)}`
    await tx`
      alter default privileges in schema ${tx(schema)}
      grant select, insert, update, delete on tables to ${tx(grantTo)}`
  }
}

/** Runs the next migration, or the next part of one. Returns false when all have run. */
async function runNext(tx: Transaction, schema: string, migrations: readonly Migration[]) {
  const [next] = missingMigrations(migrations, await listRan(tx, schema), schema)
  if (!next) return false
  const { name, text, sha256 } = next
  await tx`select set_config('search_path', ${`"${schema}"`}, true)`
  if (name.endsWith('.batch.sql')) {
    const [part] = await tx.unsafe<{ carried: number }[]>(text)
    if (part && part.carried > 0) return true
  } else {
    await tx.unsafe(text).simple()
  }
  await tx`insert into ${tx(schema)}.migrations (name, sha256) values (${name}, ${sha256})`
  return true
}

/** Grants rights on tables that are older than the role that only reads and writes rows. */
async function grant(tx: Transaction, schema: string, grantTo: string) {
  const tables = await tx<{ name: string }[]>`
    select c.relname as name from pg_class c
    where c.relnamespace = ${schema}::regnamespace and c.relkind in ('r', 'p')
      and c.relname <> 'migrations'
      and not (has_table_privilege(${grantTo}, c.oid, 'SELECT')
        and has_table_privilege(${grantTo}, c.oid, 'INSERT')
        and has_table_privilege(${grantTo}, c.oid, 'UPDATE')
        and has_table_privilege(${grantTo}, c.oid, 'DELETE'))`
  for (const { name } of tables) {
    await tx`
      grant select, insert, update, delete on ${tx(`${schema}.${name}`)} to ${tx(grantTo)}`
  }
  await tx`revoke all on ${tx(schema)}.migrations from ${tx(grantTo)}`
  await tx`grant select on ${tx(schema)}.migrations to ${tx(grantTo)}`
}
