import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runCommand } from '../../programs/run-command.ts'
import { ServerProcess } from '../../programs/server-process.ts'

test("only the operator's commands find Sotto by its data folder, as long as it runs", async () => {
  await using server = await ServerProcess.start()
  const { dataFolder } = server
  const ask = () => runCommand('admin', ['accounts', '--json'], { SOTTO_DATA: dataFolder })
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
  // There is no terminal for the question.
  const account = '5f0c8d2e-3b1a-4c6d-9e7f-0a1b2c3d4e5f'
  expect(await runCommand('admin', ['remove', account, '--data', dataFolder])).toMatchObject({
    status: 4,
  })

  // Another token after a crash, and none after a stop.
  await server.kill()
  await server.start()
  expect((await ask()).status).toBe(0)
  expect(JSON.parse(await readFile(file, 'utf8')).token).not.toBe(token)
  await server.stop()
  expect(await ask()).toMatchObject({ status: 3, stdout: '' })
})
