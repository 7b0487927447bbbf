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
import { freePort } from '../../../tests/network/free-port.ts'
import {
  findBinaries,
  findPlace,
  type Place,
  processesIn,
} from '../../../tests/network/postgres-programs.ts'
import { repository } from '../../../tests/source/source-files.ts'

const password = 'p4ssw0rd-of-the-tests'
const roles = ['auth', 'auth_owner', 'chat', 'chat_owner'] as const

/** The container of the database, without a container: the same scripts, on programs of the same PostgreSQL. */
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

/** A psql that leaves a mark when it begins, and then does this. */
function giveSlowPsql(script: string) {
  const slow = join(container.folder, 'slow')
  mkdirSync(slow)
  const mark = join(container.folder, 'tmp', 'psql-began')
  writeFileSync(join(slow, 'psql'), `#!/bin/sh\n: > ${mark}\n${script}`, { mode: 0o755 })
  return { path: [slow, container.env.PATH].join(delimiter), mark }
}

/** Starts it; PostgreSQL is the process itself, as in a container. */
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
  // The whole of it, as the end of a container is.
  const left = await processesIn(container.dataFolder)
  for (const pid of left) process.kill(pid, 'SIGKILL')
  await eventually('everything to end', () => left.every((pid) => !isThere(pid)))
}

/** Whether the number is taken: PostgreSQL asks the same, and so do those who have ended and are not waited for. */
function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** What Docker would find: undefined when it is healthy, otherwise what the check says. */
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

test('the first start makes the roles, the next one keeps everything', async () => {
  const first = start()
  await expectEverything()
  await as('auth_owner', (sql) => sql`insert into auth.kept values (7)`)
  await end(first, 'SIGINT')

  start()
  await expectEverything()
  expect(await as('auth_owner', (sql) => sql`select id from auth.kept`)).toEqual([{ id: 7 }])
})

test('a data folder that is half made is made again', async () => {
  const half = `${container.dataFolder}.new`
  mkdirSync(half, { recursive: true })
  writeFileSync(join(half, 'PG_VERSION'), '18\n')
  start()
  await expectEverything()
  expect(existsSync(half)).toBe(false)
})

test('without the roles it is not up, says why, and makes them at the next start', async () => {
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

test('an end in the middle of making the roles is made good at the next start', async () => {
  // A psql that never ends: the roles are never made.
  const { path, mark } = giveSlowPsql('sleep 600\n')
  const cut = start({ PATH: path })
  await eventually('the roles to be begun', () => existsSync(mark))
  expect(await ailment()).toBeDefined()
  await end(cut, 'SIGKILL')

  start()
  await expectEverything()
})

test('told to end while it begins, it ends at once and leaves no server behind', async () => {
  const { path, mark } = giveSlowPsql('sleep 1\nexit 1\n')
  const beginning = start({ PATH: path })
  await eventually('the roles to be begun', () => existsSync(mark))
  await end(beginning, 'SIGINT')

  expect(existsSync(join(container.dataFolder, 'postmaster.pid'))).toBe(false)
  start()
  await expectEverything()
})

test('a database of the version before keeps its data, and roles that were missing are made', async () => {
  const first = start()
  await expectEverything()
  await as('auth_owner', (sql) => sql`insert into auth.kept values (7)`)
  await as('postgres', async (sql) => {
    await sql`drop schema chat`
    await sql`drop owned by sotto_chat`
    await sql`drop role sotto_chat`
  })
  // Running, and yet nobody could be served.
  expect(await ailment()).toContain('Roles or schemas of Sotto are missing')
  await end(first, 'SIGINT')
  rmSync(join(container.dataFolder, 'sotto-roles'))

  start()
  await expectEverything()
  expect(await as('auth_owner', (sql) => sql`select id from auth.kept`)).toEqual([{ id: 7 }])
})

test('what is no data folder is never removed', async () => {
  mkdirSync(container.dataFolder, { recursive: true })
  writeFileSync(join(container.dataFolder, 'letter'), 'a letter')
  const failing = start()
  const [told] = await Promise.all([text(failing.stderr as never), once(failing, 'exit')])
  expect(failing.exitCode).toBe(1)
  expect(told).toContain('is no data folder of PostgreSQL, and is not empty')
  expect(readFileSync(join(container.dataFolder, 'letter'), 'utf8')).toBe('a letter')
})
