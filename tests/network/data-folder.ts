import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The address of the database of a data folder, for a role that may do everything in it. Sotto has to run. */
export async function databaseUrlOf(dataFolder: string): Promise<string> {
  const read = (name: string) => readFile(join(dataFolder, name), 'utf8')
  const password = (await read('postgres-password')).trim()
  const port = (await read('postgres/postmaster.pid')).split('\n')[3]
  return `postgres://postgres:${password}@127.0.0.1:${port}/sotto`
}

/** Everything in the logs of a data folder: Sotto's own and that of its PostgreSQL. */
export async function logsOf(dataFolder: string): Promise<string> {
  const files = ['sotto.log', 'postgres.log'].map((name) => join(dataFolder, name))
  const texts = files.map((file) => readFile(file, 'utf8').catch(() => ''))
  return (await Promise.all(texts)).join('')
}
