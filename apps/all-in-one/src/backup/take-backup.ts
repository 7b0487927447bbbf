import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { connect, StartError, systemCode } from '@sotto/service-runtime'
import type { Recipient } from './backup-keys.ts'
import { dumpDatabase } from './dump-database.ts'
import type { SecretFiles } from './secret-files.ts'

/** What a backup is taken of. */
export interface BackupSource {
  /** Of somebody who may read the database `sotto`. */
  readonly databaseUrl: string
  readonly secrets: SecretFiles | undefined
}

/** What was written, and where. */
export interface TakenBackup {
  readonly file: string
  readonly rows: number
}

/**
 * Writes a backup into `folder`, named after the moment, while Sotto goes on: readable by nobody else,
 * and encrypted to `recipients` unless there are none. Throws StartError.
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
    throw new StartError(`${folder} cannot be made (${systemCode(error)}).`)
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

/** The same server, the database of Sotto. */
export function sottoUrl(url: string): string {
  return Object.assign(new URL(url), { pathname: '/sotto' }).href
}
