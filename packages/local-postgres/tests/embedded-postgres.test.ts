import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect as connectSocket } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, StartError } from '@sotto/service-runtime'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../src/embedded-postgres.ts'
import { isAlive } from '../src/system.ts'

let dataFolder: string
let running: EmbeddedPostgres[] = []

beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'sotto-postgres-'))
})

afterEach(async () => {
  for (const postgres of running.splice(0)) await postgres.stop()
  await rm(dataFolder, { recursive: true, force: true })
})

async function start(): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres({ dataFolder })
  running.push(postgres)
  return postgres
}

async function ask<Row>(url: string, query: (sql: ReturnType<typeof connect>) => PromiseLike<Row>) {
  const sql = connect(url, { maxConnections: 1, applicationName: 'test' })
  try {
    return await query(sql)
  } finally {
    await sql.end({ timeout: 2 })
  }
}

/**
 * A process that starts PostgreSQL on the folder and is killed, leaving its postmaster as an
 * orphan.
 */
async function leaveOrphan(): Promise<number> {
  const source = new URL('../src/embedded-postgres.ts', import.meta.url).href
  const script = `
    const { startEmbeddedPostgres } = await import(${JSON.stringify(source)})
    const { url } = await startEmbeddedPostgres({ dataFolder: process.argv[1] })
    console.log('up')`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, dataFolder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'close')
  const [pid] = (await readFile(join(dataFolder, 'postgres/postmaster.pid'), 'utf8')).split('\n')
  return Number(pid)
}

test('committed data is present after the next start', async () => {
  const first = await start()
  await ask(first.url, (sql) => sql`create table kept as select 'yes' as answer`)
  await first.stop()
  running = []

  const second = await start()
  const [row] = await ask(second.url, (sql) => sql`select answer from kept`)
  expect(row?.answer).toBe('yes')
})

test('a commit is on disk before it is reported, and pages have checksums', async () => {
  const { url } = await start()
  const settings = ['fsync', 'full_page_writes', 'synchronous_commit', 'data_checksums']
  const rows = await ask(
    url,
    (sql) => sql`select name, setting from pg_settings where name = any(${settings})`,
  )
  expect(rows.map(({ setting }) => setting)).toEqual(['on', 'on', 'on', 'on'])
})

test('rejects connections without the password and from other machines', async () => {
  const { url, port } = await start()
  const wrong = Object.assign(new URL(url), { password: 'postgres' }).href
  await expect(ask(wrong, (sql) => sql`select 1`)).rejects.toThrow(/password/)

  const outside = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, family }) => !internal && family === 'IPv4')
  for (const { address } of outside) {
    const socket = connectSocket(port, address)
    const [error] = await once(socket, 'error')
    expect(error.code).toBe('ECONNREFUSED')
  }
})

test('takes over a PostgreSQL whose Sotto was killed', async () => {
  const orphan = await leaveOrphan()
  expect(isAlive(orphan)).toBe(true)

  const { url } = await start()
  expect(isAlive(orphan)).toBe(false)
  expect(await ask(url, (sql) => sql`select 1 as one`)).toEqual([{ one: 1 }])
})

test('recovers a PostgreSQL that was killed together with its Sotto', async () => {
  const orphan = await leaveOrphan()
  process.kill(orphan, 'SIGKILL')
  const { url } = await start()
  expect(await ask(url, (sql) => sql`select 1 as one`)).toEqual([{ one: 1 }])
})

test('a process id that now belongs to another program is no obstacle', async () => {
  await (await start()).stop()
  running = []
  const lines = [process.pid, join(dataFolder, 'postgres'), 1, 5432, '', '127.0.0.1', '', 'ready']
  await writeFile(join(dataFolder, 'postgres/postmaster.pid'), `${lines.join('\n')}\n`)

  const { url } = await start()
  expect(await ask(url, (sql) => sql`select 1 as one`)).toEqual([{ one: 1 }])
})

test('rejects a second Sotto on the same data and leaves the first alone', async () => {
  const { url } = await start()
  await expect(startEmbeddedPostgres({ dataFolder })).rejects.toThrow(StartError)
  expect(await ask(url, (sql) => sql`select 1 as one`)).toEqual([{ one: 1 }])
})

test('reports a lost password instead of replacing it', async () => {
  await (await start()).stop()
  running = []
  await rm(join(dataFolder, 'postgres-password'))
  await expect(startEmbeddedPostgres({ dataFolder })).rejects.toThrow(
    /postgres-password is missing/,
  )
})
