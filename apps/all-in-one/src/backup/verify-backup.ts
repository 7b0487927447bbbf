import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newOpaqueSetup, newSigningKey } from '@sotto/auth'
import { prepareDatabase, startEmbeddedPostgres } from '@sotto/local-postgres'
import { createLogger, StartError } from '@sotto/service-runtime'
import { createAllInOne } from '../run.ts'
import { type Backup, type BackupSummary, checkBackup } from './load-database.ts'
import { restoreBackup } from './restore-backup.ts'

/**
 * Restores a backup to a temporary PostgreSQL, checks everything in the rows that is not encrypted,
 * and starts Sotto on it. Throws StartError if anything is wrong.
 */
export async function verifyBackup(backup: Backup): Promise<BackupSummary> {
  const summary = await checkBackup(backup)
  const dataFolder = join(tmpdir(), `sotto-verify-${randomBytes(6).toString('hex')}`)
  try {
    const postgres = await startEmbeddedPostgres({ dataFolder })
    try {
      await restoreBackup(postgres.url, backup, { summary, isForced: false })
      await answerOn(postgres.url)
    } finally {
      await postgres.stop()
    }
  } finally {
    await rm(dataFolder, { recursive: true, force: true })
  }
  return summary
}

/**
 * Starts the services on a restored database, reachable only from this machine, and checks their
 * health.
 */
async function answerOn(superuserUrl: string): Promise<void> {
  const passwords = { auth: randomText(), chat: randomText() }
  const sotto = await createAllInOne({
    log: createLogger({ name: 'sotto', level: 'silent' }),
    host: '127.0.0.1',
    port: 0,
    origins: [],
    databaseUrls: await prepareDatabase(superuserUrl, passwords),
    // No one logs in here, so any secrets will do.
    secrets: {
      signingKey: newSigningKey(),
      opaqueSetup: await newOpaqueSetup(),
      codePepper: randomText(),
    },
    sendCode: async () => {},
  })
  try {
    const answer = await fetch(`${sotto.url}/health`)
    if (!answer.ok)
      throw new StartError(`Sotto does not run on the restored database: ${await answer.text()}`)
  } finally {
    await sotto.close()
  }
}

const randomText = () => randomBytes(32).toString('base64url')
