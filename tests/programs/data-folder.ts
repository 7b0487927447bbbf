import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The URL of a data folder's database, for a role with full access. Sotto must be running. */
export async function databaseUrlOf(dataFolder: string): Promise<string> {
  const read = (name: string) => readFile(join(dataFolder, name), 'utf8')
  const password = (await read('postgres-password')).trim()
  const port = (await read('postgres/postmaster.pid')).split('\n')[3]
  return `postgres://postgres:${password}@127.0.0.1:${port}/sotto`
}

/** All logs of a data folder: Sotto's own and PostgreSQL's. */
export async function logsOf(dataFolder: string): Promise<string> {
  const files = ['sotto.log', 'postgres.log'].map((name) => join(dataFolder, name))
  const texts = files.map((file) => readFile(file, 'utf8').catch(() => ''))
  return (await Promise.all(texts)).join('')
}
