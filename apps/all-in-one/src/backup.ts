import { parseArgs } from 'node:util'
import { ConfigError, StartError } from '@sotto/service-runtime'
import { chooseRecipients, makeIdentity } from './backup/backup-keys.ts'
import { findDataFolder, inRepository } from './backup/data-folders.ts'
import { reachDatabase } from './backup/reach-database.ts'
import { readOwnSecrets, readSecretFolder } from './backup/secret-files.ts'
import { takeBackup } from './backup/take-backup.ts'

const usage = `npm run backup -- [--to FOLDER] [--data FOLDER | --database URL [--secrets FOLDER]]
npm run backup -- --new-key FILE

Writes everything that Sotto stores, including its secrets, to one encrypted file while Sotto keeps running.

  --new-key FILE      creates the key that opens backups and prints its recipient; run it once, on another machine
  --recipient age1…   who can open the backup; may be repeated (default: BACKUP_RECIPIENT)
  --unencrypted       writes the backup unencrypted and without the secrets
  --to FOLDER         the folder for the backup (default: backups)
  --data FOLDER       the data folder of the Sotto to back up (default: SOTTO_DATA or data; data-cluster for the cluster)
  --database URL      the PostgreSQL to back up, if it is not Sotto's own
  --secrets FOLDER    with --database: the folder of the secrets, such as deploy/secrets
`

const print = (line: string) => void process.stdout.write(`${line}\n`)

async function main() {
  const { values } = parseArgs({
    options: {
      'new-key': { type: 'string' },
      recipient: { type: 'string', multiple: true },
      unencrypted: { type: 'boolean', default: false },
      to: { type: 'string', default: 'backups' },
      data: { type: 'string' },
      database: { type: 'string' },
      secrets: { type: 'string' },
      help: { type: 'boolean' },
    },
  })
  if (values.help) return void process.stdout.write(usage)
  if (values['new-key'] !== undefined) return makeKey(inRepository(values['new-key']))
  if (values.secrets !== undefined && values.database === undefined) {
    throw new StartError(
      '--secrets requires --database. A data folder already contains its secrets.',
    )
  }
  const recipients = chooseRecipients(values, process.env)
  const to = inRepository(values.to)
  const dataFolder = values.database === undefined ? findDataFolder(values.data) : undefined
  const secrets = values.unencrypted ? undefined : await readSecrets(dataFolder, values.secrets)
  await using reached = dataFolder === undefined ? undefined : await reachDatabase(dataFolder)
  const databaseUrl = reached?.url ?? values.database ?? ''
  const { file, rows } = await takeBackup({ databaseUrl, secrets }, to, recipients)
  print(`${file}: ${rows} rows${secrets ? ' and the secrets' : ''}.`)
  if (!secrets) print('It does not contain the secrets. Store them, encrypted, in another place.')
}

async function readSecrets(dataFolder: string | undefined, folder: string | undefined) {
  if (dataFolder !== undefined) return readOwnSecrets(dataFolder)
  return folder === undefined ? undefined : readSecretFolder(inRepository(folder))
}

async function makeKey(file: string) {
  const recipient = await makeIdentity(file)
  print(`${file} opens every backup that is encrypted to this recipient:`)
  print(`BACKUP_RECIPIENT=${recipient}`)
  print(
    'Store two copies of this file, neither on this machine nor with the backups. It cannot be replaced.',
  )
}

await main().catch((error: unknown) => {
  const isExpected = error instanceof StartError || error instanceof ConfigError
  process.stderr.write(
    `${isExpected ? error.message : error instanceof Error ? error.stack : error}\n`,
  )
  process.exitCode = 1
})
