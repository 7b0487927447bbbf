import { chmod, copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { connect } from '@sotto/service-runtime'
import { StartError, systemCode } from '../start-error.ts'
import { dumpDatabase } from './dump-database.ts'

/** What a backup is taken of. */
export interface BackupSource {
  /** Of somebody who may read the database `sotto`. */
  readonly databaseUrl: string
  /** With `secrets.json`, where the secrets are kept in a file. */
  readonly dataFolder: string | undefined
}

/** What was written, and where. */
export interface TakenBackup {
  readonly file: string
  /** The secrets, in a file of their own. */
  readonly secretsFile: string | undefined
  readonly rows: number
}

/**
 * Writes a backup into `folder`, named after the moment, while Sotto goes on; beside it the secrets
 * without which nobody can log in on it. Both are readable by nobody else. Throws StartError.
 */
export async function takeBackup(source: BackupSource, folder: string): Promise<TakenBackup> {
  const moment = new Date()
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '-')
  const file = join(folder, `sotto-${moment}.backup`)
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new StartError(`${folder} cannot be made (${systemCode(error)}).`)
  }
  const sql = connect(sottoUrl(source.databaseUrl), {
    maxConnections: 1,
    applicationName: 'sotto backup',
  })
  try {
    const rows = await dumpDatabase(sql, file)
    return { file, rows, secretsFile: await copySecrets(source.dataFolder, `${file}.secrets`) }
  } finally {
    await sql.end({ timeout: 5 })
  }
}

async function copySecrets(dataFolder: string | undefined, target: string) {
  if (dataFolder === undefined) return undefined
  await copyFile(join(dataFolder, 'secrets.json'), target)
  await chmod(target, 0o600)
  return target
}

/** The same server, the database of Sotto. */
export function sottoUrl(url: string): string {
  return Object.assign(new URL(url), { pathname: '/sotto' }).href
}
