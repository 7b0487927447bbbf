import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chown, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { makeDataFolder } from './data-folder.ts'
import { findBinaries } from './postgres/binaries.ts'
import { findPlace, type Place } from './postgres/place.ts'
import { clearCluster, ownerSetting, readPidFile, stopPostmaster } from './postgres/postmaster.ts'
import { waitUntil } from './postgres/system.ts'
import { StartError } from './start-error.ts'

/** A running PostgreSQL of our own. */
export interface EmbeddedPostgres {
  /** Of the superuser, for the database `postgres`. */
  url: string
  port: number
  /** Resolves when PostgreSQL has ended, asked or not. */
  ended: Promise<void>
  stop(): Promise<void>
}

export interface EmbeddedPostgresOptions {
  /** Made when missing. Holds the cluster (`postgres/`), its log and the superuser's password. */
  dataFolder: string
  /** On 127.0.0.1; a free one when left out. */
  port?: number
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
  const password = await readPassword(dataFolder)
  if (!(await isInitialised(place))) await initialise(place, password)

  const port = options.port ?? (await freePort())
  const server = await startServer(place, port, join(dataFolder, 'postgres.log'))
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    port,
    ended: server.ended,
    stop: async () => {
      await stopPostmaster(server.pid)
      await server.ended
    },
  }
}

async function readPassword(dataFolder: string): Promise<string> {
  const file = join(dataFolder, 'postgres-password')
  const known = await readFile(file, 'utf8').catch(() => undefined)
  if (known !== undefined) return known.trim()
  const password = randomBytes(24).toString('base64url')
  await writeFile(file, `${password}\n`, { mode: 0o600, flush: true })
  return password
}

async function isInitialised(place: Place): Promise<boolean> {
  const version = await readFile(join(place.cluster, 'PG_VERSION'), 'utf8').catch(() => undefined)
  return version !== undefined
}

/** Makes the cluster under another name first, so that an interrupted attempt leaves nothing. */
async function initialise(place: Place, password: string): Promise<void> {
  const attempt = `${place.cluster}.new`
  const passwordFile = `${place.cluster}.password`
  await rm(attempt, { recursive: true, force: true })
  await mkdir(attempt, { mode: 0o700 })
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 })
  if (place.user !== undefined) {
    await chown(attempt, place.user.uid, place.user.gid)
    await chown(passwordFile, place.user.uid, place.user.gid)
  }
  const settings = [
    '--username=postgres',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--data-checksums',
  ]
  try {
    await runToEnd(place, 'initdb', ['-D', attempt, ...settings])
    await rename(attempt, place.cluster)
  } finally {
    await rm(passwordFile, { force: true })
  }
}

async function runToEnd(place: Place, program: string, args: string[]): Promise<void> {
  const child = spawnProgram(place, program, args, ['ignore', 'ignore', 'pipe'])
  let complaint = ''
  child.stderr?.on('data', (chunk) => {
    complaint += chunk
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new StartError(`${program} failed: ${lastLine(complaint)}`)
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
  // A process group of its own: Ctrl-C reaches Sotto, and Sotto stops PostgreSQL last.
  const child = spawnProgram(place, 'postgres', args, ['ignore', log.fd, log.fd])
  const ended = once(child, 'close').then(() => undefined)
  try {
    await Promise.race([once(child, 'spawn'), ended])
    await waitForServer(place.cluster, child)
    if (child.pid === undefined || child.exitCode !== null) {
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
    if (child.exitCode !== null || child.signalCode !== null) return true
    const known = await readPidFile(cluster)
    return known?.pid === child.pid && known?.isReady === true
  }
  if (await waitUntil(isSettled, startTimeoutMs, 20)) return
  child.kill('SIGQUIT')
  throw new StartError('PostgreSQL did not become ready within a minute.')
}

function spawnProgram(
  place: Place,
  program: string,
  args: string[],
  stdio: ['ignore', 'ignore' | number, 'pipe' | number],
): ChildProcess {
  const [command = '', ...rest] = [...place.prefix, join(place.binaries, 'bin', program), ...args]
  const env = { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }
  return spawn(command, rest, { ...place.user, cwd: '/', env, stdio, detached: true })
}

function lastLine(text: string): string {
  const lines = text.trim().split('\n')
  const told = lines.findLast((line) => /(FATAL|PANIC|error|could not)/.test(line)) ?? lines.at(-1)
  return told?.replace(/^.*?(FATAL|PANIC|error): */, '') || 'it says nothing'
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
