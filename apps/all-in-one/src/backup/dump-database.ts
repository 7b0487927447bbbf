import type { Sql } from '@sotto/service-runtime'
import { type BackupTable, createBackupWriter } from './backup-file.ts'
import type { Recipient } from './backup-keys.ts'
import type { SecretFiles } from './secret-files.ts'

type Transaction = Parameters<Parameters<Sql['begin']>[1]>[0]

/** The schemas of the services, with everything that Sotto stores. */
export const schemas = ['auth', 'chat'] as const

/** The content of a backup besides the rows, and its recipients. */
export interface DumpOptions {
  readonly recipients: readonly Recipient[]
  readonly secrets?: SecretFiles | undefined
}

/**
 * Writes everything that is stored to `file`, as a consistent snapshot, while the services
 * continue. Returns the number of rows. If it throws, there is no file.
 */
// Note: why rows and not files. A backup of rows can be restored on another type of machine and
// another version of PostgreSQL, and needs no program that the embedded PostgreSQL lacks, such as
// pg_dump. The migrations that the backup names create the tables. Above some hundred gigabytes, an
// operator needs continuous archiving with dedicated tools.
export async function dumpDatabase(
  sql: Sql,
  file: string,
  { recipients, secrets }: DumpOptions,
): Promise<number> {
  const writer = await createBackupWriter(file, recipients)
  try {
    const rows = await sql.begin('isolation level repeatable read read only', async (tx) => {
      await tx`set local statement_timeout = 0`
      await tx`set local idle_in_transaction_session_timeout = 0`
      const migrations: Record<string, Record<string, string>> = {}
      for (const schema of schemas) migrations[schema] = await listMigrations(tx, schema)
      await writer.head({ takenAt: new Date().toISOString(), migrations })
      if (secrets) await writer.secrets(secrets)
      const counts: Record<string, number> = {}
      for (const table of await listTables(tx)) {
        await writer.table(table)
        counts[`${table.schema}.${table.table}`] = await copyRows(tx, table, writer.rows)
      }
      return counts
    })
    await writer.finish(rows)
    return Object.values(rows).reduce((sum, count) => sum + count, 0)
  } catch (error) {
    await writer.abandon()
    throw error
  }
}

async function listMigrations(tx: Transaction, schema: string): Promise<Record<string, string>> {
  const rows = await tx<{ name: string; sha256: string }[]>`
    select name, sha256 from ${tx(schema)}.migrations order by name`
  return Object.fromEntries(rows.map(({ name, sha256 }) => [name, sha256]))
}

/** Tables with their columns, partitioned ones as a whole, each after the tables it references. */
async function listTables(tx: Transaction): Promise<BackupTable[]> {
  const tables = await tx<(BackupTable & { refersTo: string[] })[]>`
    select n.nspname as schema, c.relname as table,
      (
        select array_agg(a.attname::text order by a.attnum) from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
      ) as columns,
      array(
        select f.relname::text from pg_constraint k join pg_class f on f.oid = k.confrelid
        where k.conrelid = c.oid and k.contype = 'f' and f.oid <> c.oid
      ) as "refersTo"
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = any(${[...schemas]}) and c.relkind in ('r', 'p') and not c.relispartition
      and c.relname <> 'migrations'
    order by 1, 2`
  const waiting = new Set(tables)
  const sorted: BackupTable[] = []
  while (waiting.size > 0) {
    const free = [...waiting].filter(
      ({ schema, refersTo }) =>
        ![...waiting].some((other) => other.schema === schema && refersTo.includes(other.table)),
    )
    if (free.length === 0) throw new Error('Tables reference each other in a circle')
    for (const one of free) {
      waiting.delete(one)
      sorted.push({ schema: one.schema, table: one.table, columns: one.columns })
    }
  }
  return sorted
}

async function copyRows(
  tx: Transaction,
  { schema, table, columns }: BackupTable,
  write: (bytes: Uint8Array) => Promise<void>,
): Promise<number> {
  let rows = 0
  const stream = await tx`
    copy (select ${tx(columns)} from ${tx(`${schema}.${table}`)}) to stdout`.readable()
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    // In the text format, a line break ends a row and occurs nowhere else.
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) rows += 1
    await write(chunk)
  }
  // The client pauses its socket when the stream is full, and forgets to resume it if that was at
  // the end.
  stream._read(0)
  return rows
}
