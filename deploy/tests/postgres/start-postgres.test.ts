import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { connect, type Sql } from '@sotto/service-runtime'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { eventually } from '../../../tests/network/eventually.ts'
import {
  findBinaries,
  findPlace,
  type Place,
  processesIn,
} from '../../../tests/postgres/postgres-programs.ts'
import { freePort } from '../../../tests/programs/free-port.ts'
import { repository } from '../../../tests/source/source-files.ts'

const password = 'p4ssw0rd-of-the-tests'
const roles = ['auth', 'auth_owner', 'chat', 'chat_owner'] as const

/**
 * The container of the database, without a container: the same scripts, with the programs of the
 * same PostgreSQL.
 */
interface Container {
  readonly folder: string
  readonly dataFolder: string
  readonly port: number
  readonly place: Place
  readonly env: NodeJS.ProcessEnv
}

let container: Container
const running: ChildProcess[] = []

beforeEach(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-container-'))
  for (const name of ['secrets', 'tmp', 'run', 'sotto', 'volume']) mkdirSync(join(folder, name))
  for (const script of [
    'compose/start-postgres.sh',
    'compose/check-postgres.sh',
    'database/create-roles.sql',
  ]) {
    cpSync(join(repository, 'deploy', script), join(folder, 'sotto', script.split('/')[1] ?? ''))
  }
  writeFileSync(join(folder, 'secrets/postgres_password'), password)
  for (const role of roles) giveSecret(folder, role)
  const place = await findPlace(join(folder, 'volume'), await findBinaries())
  const port = await freePort()
  const dataFolder = join(folder, 'volume', '18', 'docker')
  container = {
    folder,
    dataFolder,
    port,
    place,
    env: {
      PATH: [join(place.binaries, 'bin'), process.env.PATH].join(delimiter),
      PGDATA: dataFolder,
      PGPORT: `${port}`,
      SECRETS: join(folder, 'secrets'),
      TMPDIR: join(folder, 'tmp'),
    },
  }
})
afterEach(async () => {
  for (const child of running.splice(0)) await end(child, 'SIGKILL')
  rmSync(container.folder, { recursive: true, force: true })
})

function giveSecret(folder: string, role: string) {
  const url = `postgres://sotto_${role}:${password}-${role}@postgres:5432/sotto\n`
  writeFileSync(join(folder, `secrets/${role}_database_url`), url)
}

/** A psql that leaves a mark when it starts, and then runs `script`. */
function giveSlowPsql(script: string) {
  const slow = join(container.folder, 'slow')
  mkdirSync(slow)
  const mark = join(container.folder, 'tmp', 'psql-began')
  writeFileSync(join(slow, 'psql'), `#!/bin/sh\n: > ${mark}\n${script}`, { mode: 0o755 })
  return { path: [slow, container.env.PATH].join(delimiter), mark }
}

/** Starts it. The process becomes PostgreSQL, as in a container. */
function start(env: NodeJS.ProcessEnv = {}): ChildProcess {
  const { folder, place } = container
  const settings = ['listen_addresses=127.0.0.1', `unix_socket_directories=${join(folder, 'run')}`]
  const args = settings.flatMap((setting) => ['-c', setting])
  const call = [...place.prefix, 'sh', join(folder, 'sotto/start-postgres.sh'), ...args]
  const [command = '', ...rest] = call
  const child = spawn(command, rest, {
    ...place.user,
    cwd: '/',
    env: { ...container.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  running.push(child)
  return child
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill(signal)
  await ended
  if (signal !== 'SIGKILL') return
  // All of its processes, as when a container ends.
  const left = await processesIn(container.dataFolder)
  for (const pid of left) process.kill(pid, 'SIGKILL')
  await eventually('everything to end', () => left.every((pid) => !isThere(pid)))
}

/** Whether the process id is in use. PostgreSQL checks the same, and zombies count too. */
function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Docker's verdict: undefined if it is healthy, otherwise the output of the check. */
async function ailment(): Promise<string | undefined> {
  const { folder, port, env } = container
  try {
    await promisify(execFile)('sh', [join(folder, 'sotto/check-postgres.sh')], {
      env: { ...env, PGHOST: '127.0.0.1', PGPORT: `${port}`, PGPASSWORD: password },
    })
    return undefined
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    return stdout + stderr
  }
}

const untilHealthy = () =>
  eventually('the database to be healthy', async () => (await ailment()) === undefined)

async function as<T>(role: string, act: (sql: Sql) => Promise<T>): Promise<T> {
  const isSuper = role === 'postgres'
  const user = isSuper ? 'postgres' : `sotto_${role}`
  const own = isSuper ? password : `${password}-${role}`
  const url = `postgres://${user}:${own}@127.0.0.1:${container.port}/sotto`
  const sql = connect(url, { maxConnections: 1, applicationName: 'test' })
  return act(sql).finally(() => sql.end({ timeout: 2 }))
}

const whoAmI = async (sql: Sql) =>
  (await sql<{ name: string }[]>`select current_user as name`)[0]?.name

async function expectEverything() {
  await untilHealthy()
  for (const role of roles) expect(await as(role, whoAmI)).toBe(`sotto_${role}`)
  await as('auth_owner', (sql) => sql`create table if not exists auth.kept (id int)`)
}

test('the first start creates the roles, the next one keeps everything', async () => {
  const first = start()
  await expectEverything()
  await as('auth_owner', (sql) => sql`insert into auth.kept values (7)`)
  await end(first, 'SIGINT')

  start()
  await expectEverything()
  expect(await as('auth_owner', (sql) => sql`select id from auth.kept`)).toEqual([{ id: 7 }])
})

test('recreates a half-initialized data folder', async () => {
  const half = `${container.dataFolder}.new`
  mkdirSync(half, { recursive: true })
  writeFileSync(join(half, 'PG_VERSION'), '18\n')
  start()
  await expectEverything()
  expect(existsSync(half)).toBe(false)
})

test('is not healthy without the roles, explains why, and creates them at the next start', async () => {
  rmSync(join(container.folder, 'secrets/chat_database_url'))
  const failing = start()
  const [told] = await Promise.all([text(failing.stderr as never), once(failing, 'exit')])
  expect(failing.exitCode).not.toBe(0)
  expect(told).toContain('There is no password in the secret chat_database_url')
  expect(await ailment()).toBeDefined()
  expect(existsSync(join(container.dataFolder, 'PG_VERSION'))).toBe(true)

  giveSecret(container.folder, 'chat')
  start()
  await expectEverything()
})

test('the next start completes an interrupted creation of the roles', async () => {
  // A psql that never ends, so that the roles are never created.
  const { path, mark } = giveSlowPsql('sleep 600\n')
  const cut = start({ PATH: path })
  await eventually('the roles to be begun', () => existsSync(mark))
  expect(await ailment()).toBeDefined()
  await end(cut, 'SIGKILL')

  start()
  await expectEverything()
})

test('stops immediately if told so while starting, and leaves no server behind', async () => {
  const { path, mark } = giveSlowPsql('sleep 1\nexit 1\n')
  const beginning = start({ PATH: path })
  await eventually('the roles to be begun', () => existsSync(mark))
  await end(beginning, 'SIGINT')

  expect(existsSync(join(container.dataFolder, 'postmaster.pid'))).toBe(false)
  start()
  await expectEverything()
})

test('keeps the data of a database of the previous version, and creates missing roles', async () => {
  const first = start()
  await expectEverything()
  await as('auth_owner', (sql) => sql`insert into auth.kept values (7)`)
  await as('postgres', async (sql) => {
    await sql`drop schema chat`
    await sql`drop owned by sotto_chat`
    await sql`drop role sotto_chat`
  })
  // It is running, but no service could use it.
  expect(await ailment()).toContain('Roles or schemas of Sotto are missing')
  await end(first, 'SIGINT')
  rmSync(join(container.dataFolder, 'sotto-roles'))

  start()
  await expectEverything()
  expect(await as('auth_owner', (sql) => sql`select id from auth.kept`)).toEqual([{ id: 7 }])
})

test('never removes a folder that is not a data folder', async () => {
  mkdirSync(container.dataFolder, { recursive: true })
  writeFileSync(join(container.dataFolder, 'letter'), 'a letter')
  const failing = start()
  const [told] = await Promise.all([text(failing.stderr as never), once(failing, 'exit')])
  expect(failing.exitCode).toBe(1)
  expect(told).toContain('is not a data folder of PostgreSQL, and is not empty')
  expect(readFileSync(join(container.dataFolder, 'letter'), 'utf8')).toBe('a letter')
})
