import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { open, readFile, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { StartError } from '@sotto/service-runtime'
import { findBinaries } from './binaries.ts'
import { makeDataFolder } from './data-folder.ts'
import { initialiseOnce } from './initialise.ts'
import { boundToStarter, findPlace, type Place } from './place.ts'
import { clearCluster, ownerSetting, readPidFile, stopPostmaster } from './postmaster.ts'
import { endOf, hasEnded, lastLine, spawnProgram } from './programs.ts'
import { waitUntil } from './system.ts'

/** A running PostgreSQL that Sotto has started. */
export interface EmbeddedPostgres {
  /** The superuser's URL for the database `postgres`. */
  url: string
  port: number
  /** The process id of the postmaster. */
  pid: number
  /**
   * The actual location of the database: outside of the data folder if PostgreSQL's user cannot
   * reach that.
   */
  cluster: string
  /** Resolves when PostgreSQL has exited, expectedly or not. */
  ended: Promise<void>
  stop(): Promise<void>
}

export interface EmbeddedPostgresOptions {
  /**
   * Created if missing. Contains the cluster (`postgres/`), its log and the superuser's password.
   */
  dataFolder: string
  /** On 127.0.0.1; any free port if omitted. */
  port?: number
  /** On Linux: PostgreSQL shuts down when this process ends, however it ends. */
  endsWithStarter?: boolean
}

const startTimeoutMs = 60_000
/** If the log of former runs is larger, it is deleted at the next start. */
const maxLogBytes = 10 * 1024 * 1024

/**
 * Starts PostgreSQL on `dataFolder`, which is initialized at first use, for programs on this
 * machine that know a password. Also works as root, and takes over from a killed process. Throws
 * StartError if the folder is not usable or another Sotto runs on it.
 */
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  const { dataFolder } = options
  await makeDataFolder(dataFolder)
  const place = await findPlace(dataFolder, await findBinaries())
  await clearCluster(place.cluster)
  const password = await initialiseOnce(place, dataFolder)
  const port = options.port ?? (await freePort())
  const bound = options.endsWithStarter ? await boundToStarter(place) : place
  const server = await startServer(bound, port, join(dataFolder, 'postgres.log'))
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    port,
    pid: server.pid,
    cluster: place.cluster,
    ended: server.ended,
    stop: async () => {
      await stopPostmaster(server.pid)
      await server.ended
    },
  }
}

/** Our settings. Durability is PostgreSQL's own default, and stated here explicitly on purpose. */
function serverSettings(port: number): string[] {
  return [
    'listen_addresses=127.0.0.1',
    `port=${port}`,
    'unix_socket_directories=',
    'password_encryption=scram-sha-256',
    'max_connections=100',
    'shared_buffers=128MB',
    'fsync=on',
    'full_page_writes=on',
    'synchronous_commit=on',
    'log_timezone=UTC',
    'timezone=UTC',
    // No statement and no DETAIL: both quote user data from the tables.
    'log_statement=none',
    'log_min_error_statement=panic',
    'log_error_verbosity=terse',
    ownerSetting(process.pid),
  ]
}

async function startServer(place: Place, port: number, logFile: string) {
  const logSize = (await stat(logFile).catch(() => undefined))?.size ?? 0
  const log = await open(logFile, logSize > maxLogBytes ? 'w' : 'a', 0o600)
  const start = (await log.stat()).size
  const args = ['-D', place.cluster, ...serverSettings(port).flatMap((pair) => ['-c', pair])]
  const child = spawnProgram(place, 'postgres', args, ['ignore', log.fd, log.fd])
  const ended = endOf(child).then(() => undefined)
  try {
    await Promise.race([once(child, 'spawn'), ended])
    await waitForServer(place.cluster, child)
    if (child.pid === undefined || hasEnded(child)) {
      const written = (await readFile(logFile)).subarray(start).toString('utf8')
      throw new StartError(`PostgreSQL does not start: ${lastLine(written)}`)
    }
    return { pid: child.pid, ended }
  } finally {
    await log.close()
  }
}

async function waitForServer(cluster: string, child: ChildProcess): Promise<void> {
  const isSettled = async () => {
    if (hasEnded(child)) return true
    const known = await readPidFile(cluster)
    return known?.pid === child.pid && known?.isReady === true
  }
  if (await waitUntil(isSettled, startTimeoutMs, 20)) return
  child.kill('SIGQUIT')
  throw new StartError('PostgreSQL was not ready within a minute.')
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string')
    throw new Error('The operating system assigned no port')
  return address.port
}
