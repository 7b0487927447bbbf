import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { repository } from '../src/config.ts'
import { Request } from '../src/control/commands.ts'
import { tellCluster } from '../src/control/tell-cluster.ts'
import { showLogs } from '../src/show-logs.ts'
import { showStatus } from '../src/show-status.ts'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'sotto-no-cluster-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** The error output of `npm run cluster -- …`. */
async function refusalOf(args: string[], env: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn(process.execPath, [main, ...args], { env: { ...process.env, ...env } })
  const [told, [status]] = await Promise.all([text(child.stderr), once(child, 'exit')])
  expect(status).toBe(1)
  return told
}

test.each(Request.shape.command.options)(
  '%s names the folder that it searched if no cluster runs there',
  async (command) => {
    await expect(tellCluster(folder, { command, args: [] })).rejects.toThrow(
      `No cluster is running on ${folder}. If it was started with another folder, set SOTTO_CLUSTER`,
    )
  },
)

test('the command line does so too', async () => {
  const told = await refusalOf(['status'], { SOTTO_CLUSTER_DATA: folder })
  expect(told).toContain(`on ${folder}. If it was started with another folder, set SOTTO_CLUSTER`)
})

test('the folder is printed as an absolute path, even if it was given by a relative one', async () => {
  const inClone = (name: string) => new RegExp(`^No cluster is running on ${repository}${name}\\. `)
  const name = `data-${crypto.randomUUID()}`
  expect(await refusalOf(['status'], { SOTTO_CLUSTER_DATA: name })).toMatch(inClone(name))
})

test('a missing log names the folder too, and the list of logs says where they are', async () => {
  for (const part of [undefined, 'auth']) {
    await expect(showLogs(folder, part)).rejects.toThrow(`No cluster has run on ${folder}. If it`)
  }
  mkdirSync(join(folder, 'logs'))
  await expect(showLogs(folder, 'auth')).rejects.toThrow(`${folder} contains no log of auth.`)
  expect(await showLogs(folder, undefined)).toContain(`Logs in ${folder}: `)
})

test('the status says where the data is, and what is unhealthy', () => {
  const cluster = { url: 'https://localhost:8443', dataFolder: folder, ports: {}, parts: [] }
  const database = { status: 'degraded', detail: 'database' } as const
  const parts = { auth: database, chat: database, websocket: { status: 'ok' } } as const
  const begin = `https://localhost:8443, data in ${folder}\n`

  expect(showStatus(cluster, { status: 'ok', parts: {} })).toMatch(
    `${begin}Everything is healthy.\n`,
  )
  expect(showStatus(cluster, { status: 'degraded', parts })).toMatch(
    `${begin}Unhealthy: auth (database), chat (database).\n`,
  )
  expect(showStatus(cluster, null)).toMatch(`${begin}Sotto cannot be reached: the gateway does not`)
})
