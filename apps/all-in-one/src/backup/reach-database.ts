import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@sotto/local-postgres'
import { StartError, systemCode } from '@sotto/service-runtime'

/** The PostgreSQL to back up or restore. */
export interface ReachedDatabase extends AsyncDisposable {
  /** For a user who may create databases and roles, with the database `postgres`. */
  readonly url: string
}

/**
 * The PostgreSQL of a data folder: the running one, or one that is started temporarily. Throws
 * StartError.
 */
export async function reachDatabase(dataFolder: string): Promise<ReachedDatabase> {
  const running = await findRunning(dataFolder)
  if (running !== undefined) return { url: running, [Symbol.asyncDispose]: async () => {} }
  const postgres: EmbeddedPostgres = await startEmbeddedPostgres({ dataFolder })
  return { url: postgres.url, [Symbol.asyncDispose]: () => postgres.stop() }
}

/** The URL of a PostgreSQL that already runs on the folder. */
async function findRunning(dataFolder: string): Promise<string | undefined> {
  const pidFile = await readIfThere(join(dataFolder, 'postgres/postmaster.pid'))
  const [pid, , , port] = pidFile?.split('\n') ?? []
  if (!pid || !port || !isAlive(Number(pid))) return undefined
  const password = (await readIfThere(join(dataFolder, 'postgres-password')))?.trim()
  if (!password) throw new StartError(`${dataFolder}/postgres-password is missing or not readable.`)
  return `postgres://postgres:${password}@127.0.0.1:${port}/postgres`
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw new StartError(`${file} cannot be read (${systemCode(error)}).`)
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
