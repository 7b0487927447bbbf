import { parseArgs } from 'node:util'
import { ConfigError } from '@sotto/service-runtime'
import { findDataFolder, inRepository } from './backup/data-folders.ts'
import { reachDatabase } from './backup/reach-database.ts'
import { takeBackup } from './backup/take-backup.ts'
import { StartError } from './start-error.ts'

const usage = `npm run backup -- [--to FOLDER] [--data FOLDER | --database URL]

Writes everything that Sotto stores into one file, while it goes on running.

  --to FOLDER     where to (backups)
  --data FOLDER   of which Sotto: its data folder (SOTTO_DATA, or data; data-cluster for the cluster)
  --database URL  of which PostgreSQL, if it is not Sotto's own; the secrets are then yours to keep
`

async function main() {
  const { values } = parseArgs({
    options: {
      to: { type: 'string', default: 'backups' },
      data: { type: 'string' },
      database: { type: 'string' },
      help: { type: 'boolean' },
    },
  })
  if (values.help) return void process.stdout.write(usage)
  const to = inRepository(values.to)
  const dataFolder = values.database === undefined ? findDataFolder(values.data) : undefined
  await using reached = dataFolder === undefined ? undefined : await reachDatabase(dataFolder)
  const databaseUrl = reached?.url ?? values.database ?? ''
  const { file, secretsFile, rows } = await takeBackup({ databaseUrl, dataFolder }, to)
  process.stdout.write(`${file}: ${rows} rows.\n`)
  if (secretsFile !== undefined) {
    process.stdout.write(`${secretsFile}: the secrets. Keep the two apart.\n`)
  }
}

await main().catch((error: unknown) => {
  const isExpected = error instanceof StartError || error instanceof ConfigError
  process.stderr.write(
    `${isExpected ? error.message : error instanceof Error ? error.stack : error}\n`,
  )
  process.exitCode = 1
})
