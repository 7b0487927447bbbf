import { parseArgs } from 'node:util'
import { makeDataFolder } from '@sotto/local-postgres'
import { ConfigError, StartError } from '@sotto/service-runtime'
import { readIdentities } from './backup/backup-keys.ts'
import { inRepository } from './backup/data-folders.ts'
import { type Backup, type BackupSummary, checkBackup } from './backup/load-database.ts'
import { reachDatabase } from './backup/reach-database.ts'
import { restoreBackup } from './backup/restore-backup.ts'
import { restoreSecrets } from './backup/secret-files.ts'
import { verifyBackup } from './backup/verify-backup.ts'

const usage = `npm run restore -- FILE --identity FILE [--verify | --data FOLDER | --database URL] [--force]
npm run restore -- FILE --identity FILE --secrets FOLDER

Replaces a database with a backup. Stop Sotto first.

  --identity FILE   the key that opens the backup; may be repeated
  --verify          restores to a temporary PostgreSQL, checks it, and starts Sotto on it
  --data FOLDER     the data folder of the Sotto to restore (default: SOTTO_DATA or data; data-cluster for the cluster)
  --database URL    the PostgreSQL to restore, if it is not Sotto's own, as a user who may create databases
  --secrets FOLDER  writes the secrets that are in the backup but not in the folder, and nothing else
                    unless --database is given too
  --force           restores over existing data, which is kept in a database with another name
`

const print = (line: string) => void process.stdout.write(`${line}\n`)

type Values = ReturnType<typeof readArguments>['values']

function readArguments() {
  return parseArgs({
    allowPositionals: true,
    options: {
      identity: { type: 'string', multiple: true, default: [] },
      verify: { type: 'boolean', default: false },
      data: { type: 'string' },
      database: { type: 'string' },
      secrets: { type: 'string' },
      force: { type: 'boolean', default: false },
      help: { type: 'boolean' },
    },
  })
}

async function main() {
  const { values, positionals } = readArguments()
  const [named, ...more] = positionals
  if (values.help || named === undefined || more.length > 0) {
    process.stdout.write(usage)
    process.exitCode = values.help ? 0 : 1
    return
  }
  const identities = await readIdentities(values.identity.map(inRepository))
  const backup = { file: inRepository(named), identities }
  if (values.verify) return verify(backup)
  const summary = await checkBackup(backup)
  if (values.secrets !== undefined) {
    const folder = inRepository(values.secrets)
    await restoreSecrets(folder, summary.secrets, 'folder')
    print(`The secrets are in ${folder}.`)
    if (values.database === undefined) return
  }
  await restore(backup, summary, values)
}

async function verify(backup: Backup) {
  const { takenAt, rows, secrets } = await verifyBackup(backup)
  print(`${backup.file} of ${takenAt} can be restored:`)
  for (const [table, count] of Object.entries(rows)) print(`  ${table} ${count}`)
  print(
    secrets
      ? 'The backup contains the secrets.'
      : 'The backup does not contain the secrets, so keep them yourself.',
  )
}

async function restore(backup: Backup, summary: BackupSummary, values: Values) {
  const dataFolder = inRepository(values.data ?? (process.env.SOTTO_DATA || 'data'))
  if (values.database === undefined) {
    await makeDataFolder(dataFolder)
    await restoreSecrets(dataFolder, summary.secrets, 'own')
  }
  await using reached = values.database === undefined ? await reachDatabase(dataFolder) : undefined
  const url = reached?.url ?? values.database ?? ''
  const { keptAs } = await restoreBackup(url, backup, { summary, isForced: values.force })
  print(
    `The state of ${summary.takenAt} is restored. Start Sotto; devices will send later changes again.`,
  )
  if (keptAs !== undefined) print(`The previous data is kept in the database ${keptAs}.`)
}

await main().catch((error: unknown) => {
  const isExpected = error instanceof StartError || error instanceof ConfigError
  process.stderr.write(
    `${isExpected ? error.message : error instanceof Error ? error.stack : error}\n`,
  )
  process.exitCode = 1
})
