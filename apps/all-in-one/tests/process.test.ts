import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isAlive } from '@sotto/local-postgres'
import { expect, test } from 'vitest'
import { ServerProcess } from '../../../tests/programs/server-process.ts'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/** Runs Sotto where it cannot start. */
async function runToEnd(environment: NodeJS.ProcessEnv) {
  const child = spawn(process.execPath, [main], { env: { ...process.env, ...environment } })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (printed += text))
  const [status] = await once(child, 'close')
  return { status, printed }
}

async function postmasterOf({ dataFolder }: ServerProcess): Promise<number> {
  const text = await readFile(join(dataFolder, 'postgres/postmaster.pid'), 'utf8')
  return Number(text.split('\n')[0])
}

test('after a kill and a restart it finds its data; after a stop no process remains', async () => {
  await using server = await ServerProcess.start()
  const keys = async () => (await fetch(`${server.origin}/.well-known/jwks.json`)).json()
  const before = await keys()
  const orphan = await postmasterOf(server)
  await server.kill()
  expect(isAlive(orphan)).toBe(true)

  await server.start()
  expect(isAlive(orphan)).toBe(false)
  expect(await keys()).toEqual(before)

  const postmaster = await postmasterOf(server)
  await server.stop()
  expect(isAlive(postmaster)).toBe(false)
})

test('if PostgreSQL dies it is restarted, and Sotto continues to serve', async () => {
  await using server = await ServerProcess.start()
  const killed = await postmasterOf(server)
  process.kill(killed, 'SIGKILL')
  const patience = { timeout: 15_000, interval: 100 }
  await expect.poll(() => postmasterOf(server).catch(() => killed), patience).not.toBe(killed)
  const health = async () => (await fetch(`${server.origin}/health`)).status
  await expect.poll(health, patience).toBe(200)
})

test.each([
  [{ PORT: 'eighty' }, 'PORT: must be a port from 1 to 65535, like 8080'],
  [{ MAIL_SENDER: 'smtp' }, 'SMTP_URL: must be set because of MAIL_SENDER'],
])('%j: one line, status 1', async (environment, line) => {
  expect(await runToEnd(environment)).toEqual({ status: 1, printed: `Sotto cannot run. ${line}\n` })
})

test('an unusable data folder: one line, status 1', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sotto-file-'))
  await writeFile(join(folder, 'a-file'), '')
  const dataFolder = join(folder, 'a-file', 'data')
  const { status, printed } = await runToEnd({ SOTTO_DATA: dataFolder, PORT: '18099' })
  expect([status, printed]).toEqual([
    1,
    `Sotto cannot run. The data folder ${dataFolder} is not writable (ENOTDIR). Set SOTTO_DATA to choose another one.\n`,
  ])
  await rm(folder, { recursive: true })

  const nowhere = await runToEnd({ SOTTO_DATA: '/proc/sotto/data', PORT: '18099' })
  expect(nowhere.status).toBe(1)
  expect(nowhere.printed).toMatch(
    /^Sotto cannot run\. The data folder \/proc\/sotto\/data is not writable .*\n$/,
  )
})
