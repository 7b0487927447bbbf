import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type postgres from 'postgres'
import type { Sql, Tx } from './postgres.ts'

interface Migration {
  name: string
  text: string
  sha256: string
}

const runtimeFolder = fileURLToPath(new URL('./migrations/', import.meta.url))

/**
 * Brings `schema` up to date: runs, each once and in the order of their names, the SQL files of this
 * package (event outbox, rate limits) and then those of `folder`, all in one transaction. Instances
 * that start together wait for each other. A file that was changed after it ran is refused.
 *
 * Unqualified names in a file mean `schema`. The role needs no right on the database when the schema
 * exists and is its own.
 */
// Why not a library: the well-kept runners bring `pg`, a second driver with a second pool.
export async function migrate(sql: Sql, options: { schema: string; folder: string }) {
  const migrations = [
    ...(await readMigrations(runtimeFolder, 'runtime/')),
    ...(await readMigrations(options.folder, '')),
  ]
  await sql.begin(async (tx) => {
    await tx`set local statement_timeout = 0`
    await tx`select pg_advisory_xact_lock(hashtextextended(${`sotto migrate ${options.schema}`}, 0))`
    const done = await prepareSchema(tx, options.schema)
    for (const migration of migrations) await runOnce(tx, migration, done)
  })
}

async function readMigrations(folder: string, prefix: string): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort()
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(`${folder}/${name}`, 'utf8')
      return { name: prefix + name, text, sha256: createHash('sha256').update(text).digest('hex') }
    }),
  )
}

/** Returns the hashes of the migrations that have run, by name. */
async function prepareSchema(tx: Tx, schema: string): Promise<Map<string, string>> {
  const [found] = await tx`select 1 from pg_namespace where nspname = ${schema}`
  // Not `if not exists`: that asks for the right to create schemas even when there is one.
  if (!found) await tx`create schema ${tx(schema)}`
  await tx`select set_config('search_path', ${`"${schema}"`}, true)`
  await tx`
    create table if not exists migrations (
      name text primary key,
      sha256 text not null,
      ran_at timestamptz not null default now()
    )`
  const rows = await tx<{ name: string; sha256: string }[]>`select name, sha256 from migrations`
  return new Map(rows.map(({ name, sha256 }) => [name, sha256]))
}

async function runOnce(
  tx: postgres.TransactionSql<{ bigint: number }>,
  { name, text, sha256 }: Migration,
  done: Map<string, string>,
) {
  const ran = done.get(name)
  if (ran === sha256) return
  if (ran !== undefined) throw new Error(`migration ${name} was changed after it ran`)
  await tx.unsafe(text).simple()
  await tx`insert into migrations (name, sha256) values (${name}, ${sha256})`
}
