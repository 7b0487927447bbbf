import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { repository } from '../source/source-files.ts'
import { ServerProcess } from './server-process.ts'

/** Runs the command as `npm run admin` does. */
async function runAdmin(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const main = join(repository, 'apps/admin/src/main.ts')
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const printed = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (text) => {
      printed[name] += text
    })
  }
  const [status] = await once(child, 'close')
  return { status, ...printed }
}

test('the operator’s commands find Sotto by its data folder, as long as it runs, and nobody else', async () => {
  await using server = await ServerProcess.start()
  const { dataFolder } = server
  const ask = () => runAdmin(['accounts', '--json'], { SOTTO_DATA: dataFolder })
  expect(await ask()).toMatchObject({ status: 0, stdout: '{"accounts":[],"next":null}\n' })
  const file = join(dataFolder, 'admin.json')
  const { token, auth } = JSON.parse(await readFile(file, 'utf8'))
  for (const name of ['admin.json', 'admin.log']) {
    expect((await stat(join(dataFolder, name))).mode & 0o777, name).toBe(0o600)
  }
  const path = '/operator/auth/invitations'
  expect((await fetch(new URL(path, auth[0]))).status).toBe(401)
  const headers = { authorization: `Bearer ${token}` }
  expect((await fetch(new URL(path, server.origin), { headers })).status).toBe(404)
  // Nobody is there to be asked.
  const account = '5f0c8d2e-3b1a-4c6d-9e7f-0a1b2c3d4e5f'
  expect(await runAdmin(['remove', account, '--data', dataFolder])).toMatchObject({ status: 4 })

  // Another token after a crash, and none after an end.
  await server.kill()
  await server.start()
  expect((await ask()).status).toBe(0)
  expect(JSON.parse(await readFile(file, 'utf8')).token).not.toBe(token)
  await server.stop()
  expect(await ask()).toMatchObject({ status: 3, stdout: '' })
})
