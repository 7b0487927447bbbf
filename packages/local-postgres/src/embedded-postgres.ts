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

/** A running PostgreSQL of our own. */
export interface EmbeddedPostgres {
  /** Of the superuser, for the database `postgres`. */
  url: string
  port: number
  /** Of the postmaster. */
  pid: number
  /** Where the database really lies: outside of the data folder if PostgreSQL's user cannot get there. */
  cluster: string
  /** Resolves when PostgreSQL has ended, asked or not. */
  ended: Promise<void>
  stop(): Promise<void>
}

export interface EmbeddedPostgresOptions {
  /** Made when missing. Holds the cluster (`postgres/`), its log and the superuser's password. */
  dataFolder: string
  /** On 127.0.0.1; a free one when left out. */
  port?: number
  /** On Linux: PostgreSQL shuts down when this process ends, however it ends. */
  endsWithStarter?: boolean
}

const startTimeoutMs = 60_000
/** Above this the log of former runs is dropped at the next start. */
const maxLogBytes = 10 * 1024 * 1024

/**
 * Starts PostgreSQL on `dataFolder`, which is initialised at first use, for programs on this machine
 * that know a password. Works as root too; takes over what a killed process left behind. Throws
 * StartError when the folder cannot be used or another Sotto runs on it.
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

/** The settings that are ours. Durability is PostgreSQL's own default and said here on purpose. */
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
    // No statement and no DETAIL: both quote what people wrote into the tables.
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
  throw new StartError('PostgreSQL did not become ready within a minute.')
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  return address.port
}
