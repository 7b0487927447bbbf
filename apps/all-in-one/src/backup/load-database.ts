import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { connect, migrate, readMigrations, type Sql, StartError } from '@sotto/service-runtime'
import { type BackupHead, type BackupTable, readBackup } from './backup-file.ts'
import type { Identity } from './backup-keys.ts'
import { schemas } from './dump-database.ts'
import type { SecretFiles } from './secret-files.ts'

const folders = {
  auth: fileURLToPath(new URL('../../../../services/auth/src/migrations/', import.meta.url)),
  chat: fileURLToPath(new URL('../../../../services/chat/src/migrations/', import.meta.url)),
} as const

/** A backup and the keys that open it. */
export interface Backup {
  readonly file: string
  /** Empty if it is not encrypted. */
  readonly identities: readonly Identity[]
}

/** The metadata of a backup, after it was read to the end. */
export interface BackupSummary {
  readonly takenAt: string
  readonly rows: Readonly<Record<string, number>>
  readonly secrets: SecretFiles | undefined
}

/**
 * Reads a backup from the first byte to the last, and checks that this version of Sotto can restore
 * it. Throws StartError.
 */
export async function checkBackup({ file, identities }: Backup): Promise<BackupSummary> {
  let head: BackupHead | undefined
  let secrets: SecretFiles | undefined
  let rows: BackupSummary['rows'] | undefined
  for await (const record of readBackup(file, identities)) {
    if (record.kind === 'head') head = record.head
    if (record.kind === 'secrets') secrets = record.files
    if (record.kind === 'end') rows = record.rows
  }
  if (head && rows) {
    await refuseUnknownMigrations(head)
    return { takenAt: head.takenAt, rows, secrets }
  }
  throw new StartError(`${file} is not a complete backup of Sotto.`)
}

async function refuseUnknownMigrations({ migrations }: BackupHead) {
  for (const schema of schemas) {
    const known = new Map(
      (await readMigrations(folders[schema])).map(({ name, sha256 }) => [name, sha256]),
    )
    for (const [name, sha256] of Object.entries(migrations[schema] ?? {})) {
      if (known.get(name) === sha256) continue
      throw new StartError(
        `The backup was taken by another version of Sotto (${schema}: ${name}). Restore it with that version or a newer one.`,
      )
    }
  }
}

/**
 * Loads a backup into an empty database at `url` whose roles and schemas are prepared: creates the
 * tables as they were when it was taken, then inserts the rows. A service that starts on it runs
 * the later migrations.
 */
export async function loadDatabase(
  sql: Sql,
  { file, identities }: Backup,
  url: string,
): Promise<void> {
  let table: { name: BackupTable; rows: Writable } | undefined
  const endTable = async () => {
    if (!table) return
    table.rows.end()
    await finished(table.rows)
    await continueCounting(sql, table.name)
    table = undefined
  }
  for await (const record of readBackup(file, identities)) {
    if (record.kind === 'head') await makeTables(record.head, url)
    if (record.kind === 'rows') {
      if (!table) throw new StartError(`${file} has rows without a table.`)
      // A copy of the bytes, because their buffer is reused.
      if (!table.rows.write(Buffer.from(record.bytes))) await once(table.rows, 'drain')
    }
    if (record.kind === 'table' || record.kind === 'end') await endTable()
    if (record.kind === 'table') table = await beginTable(sql, record.table)
  }
  await sql`vacuum analyze`
}

/** Creates the tables as they were, owned by their future owners. */
async function makeTables(head: BackupHead, url: string) {
  for (const schema of schemas) {
    const owner = connect(inRole(url, `sotto_${schema}_owner`), {
      maxConnections: 1,
      applicationName: 'sotto restore',
    })
    const only = new Set(Object.keys(head.migrations[schema] ?? {}))
    const grantTo = `sotto_${schema}`
    try {
      await migrate(owner, { schema, folder: folders[schema], grantTo, only })
    } finally {
      await owner.end({ timeout: 5 })
    }
  }
}

/** The URL for a user that acts as another role, whose password is not needed. */
function inRole(url: string, role: string): string {
  const address = new URL(url)
  address.searchParams.set('role', role)
  return address.href
}

async function beginTable(sql: Sql, name: BackupTable) {
  const { schema, table, columns } = name
  const rows = await sql`copy ${sql(`${schema}.${table}`)} (${sql(columns)}) from stdin`.writable()
  return { name, rows }
}

/** Sequences continue after the existing numbers. */
async function continueCounting(sql: Sql, { schema, table, columns }: BackupTable) {
  const counted = await sql<{ sequence: string; column: string }[]>`
    select pg_get_serial_sequence(${`${schema}.${table}`}, column_name) as sequence,
      column_name as column
    from unnest(${columns}::text[]) as column_name
    where pg_get_serial_sequence(${`${schema}.${table}`}, column_name) is not null`
  for (const { sequence, column } of counted) {
    await sql`
      select setval(${sequence}::regclass, coalesce(max(${sql(column)}), 0) + 1, false)
      from ${sql(`${schema}.${table}`)}`
  }
}
