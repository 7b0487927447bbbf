import { parseArgs } from 'node:util'
import { ConfigError } from '@sotto/service-runtime'
import { inRepository } from './backup/data-folders.ts'
import { checkBackup } from './backup/load-database.ts'
import { reachDatabase } from './backup/reach-database.ts'
import { restoreBackup, restoreSecrets } from './backup/restore-backup.ts'
import { verifyBackup } from './backup/verify-backup.ts'
import { makeDataFolder } from './data-folder.ts'
import { StartError } from './start-error.ts'

const usage = `npm run restore -- FILE [--verify | --data FOLDER | --database URL] [--force]

Puts a backup in the place of a database. Sotto must not run on it.

  --verify        restores into a PostgreSQL that is thrown away, checks it, starts Sotto on it
  --data FOLDER   to which Sotto: its data folder (SOTTO_DATA, or data; data-cluster for the cluster)
  --database URL  to which PostgreSQL, if it is not Sotto's own: of somebody who may make databases
  --force         even if there are data; they are kept, in a database with another name
`

const print = (line: string) => void process.stdout.write(`${line}\n`)

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      verify: { type: 'boolean', default: false },
      data: { type: 'string' },
      database: { type: 'string' },
      force: { type: 'boolean', default: false },
      help: { type: 'boolean' },
    },
  })
  const [named, ...more] = positionals
  if (values.help || named === undefined || more.length > 0) {
    process.stdout.write(usage)
    process.exitCode = values.help ? 0 : 1
    return
  }
  const file = inRepository(named)
  if (values.verify) {
    const { takenAt, rows } = await verifyBackup(file)
    print(`${file} of ${takenAt} can be restored:`)
    for (const [table, count] of Object.entries(rows)) print(`  ${table} ${count}`)
    return
  }
  const summary = await checkBackup(file)
  const dataFolder = inRepository(values.data ?? (process.env.SOTTO_DATA || 'data'))
  if (values.database === undefined) {
    await makeDataFolder(dataFolder)
    await restoreSecrets(dataFolder, `${file}.secrets`)
  }
  await using reached = values.database === undefined ? await reachDatabase(dataFolder) : undefined
  const url = reached?.url ?? values.database ?? ''
  const { keptAs } = await restoreBackup(url, file, { summary, isForced: values.force })
  print(
    `The state of ${summary.takenAt} is restored. Start Sotto: devices send what came later again.`,
  )
  if (keptAs !== undefined) print(`What was there is kept in the database ${keptAs}.`)
}

await main().catch((error: unknown) => {
  const isExpected = error instanceof StartError || error instanceof ConfigError
  process.stderr.write(
    `${isExpected ? error.message : error instanceof Error ? error.stack : error}\n`,
  )
  process.exitCode = 1
})
