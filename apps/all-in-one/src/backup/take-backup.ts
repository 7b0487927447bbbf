import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { connect, StartError, systemCode } from '@sotto/service-runtime'
import type { Recipient } from './backup-keys.ts'
import { dumpDatabase } from './dump-database.ts'
import type { SecretFiles } from './secret-files.ts'

/** What to back up. */
export interface BackupSource {
  /** For a user who may read the database `sotto`. */
  readonly databaseUrl: string
  readonly secrets: SecretFiles | undefined
}

/** The written file and its content. */
export interface TakenBackup {
  readonly file: string
  readonly rows: number
}

/**
 * Writes a backup to `folder`, named after the time, while Sotto keeps running. No other user can
 * read the file, and it is encrypted to `recipients` unless there are none. Throws StartError.
 */
export async function takeBackup(
  { databaseUrl, secrets }: BackupSource,
  folder: string,
  recipients: readonly Recipient[],
): Promise<TakenBackup> {
  const moment = new Date()
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '-')
  const kind = recipients.length > 0 ? 'backup.age' : 'backup'
  const file = join(folder, `sotto-${moment}.${kind}`)
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new StartError(`${folder} cannot be created (${systemCode(error)}).`)
  }
  const sql = connect(sottoUrl(databaseUrl), {
    maxConnections: 1,
    applicationName: 'sotto backup',
  })
  try {
    return { file, rows: await dumpDatabase(sql, file, { recipients, secrets }) }
  } finally {
    await sql.end({ timeout: 5 })
  }
}

/** The same server with Sotto's database. */
export function sottoUrl(url: string): string {
  return Object.assign(new URL(url), { pathname: '/sotto' }).href
}
