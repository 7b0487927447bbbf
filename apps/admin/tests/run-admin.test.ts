import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeOperatorFile } from '@sotto/service-runtime'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commands } from '../src/commands.ts'
import { runAdmin, type World } from '../src/run-admin.ts'

const account = '5f0c8d2e-3b1a-4c6d-9e7f-0a1b2c3d4e5f'
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sotto-admin-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function run(written: readonly string[], env: World['env'] = {}) {
  const lines: string[] = []
  const errors: string[] = []
  const nowhere = { SOTTO_DATA: join(folder, 'none'), SOTTO_CLUSTER_DATA: join(folder, 'nor') }
  const status = await runAdmin(written, {
    env: { ...nowhere, ...env },
    print: (text) => void lines.push(text),
    printError: (text) => void errors.push(text),
    ask: async () => undefined,
    now: Date.now,
  })
  return { status, printed: lines.join('\n'), errors: errors.join('\n') }
}

test('help lists every command and option, and after a command only its own', async () => {
  const { status, printed } = await run(['--help'])
  expect(status).toBe(0)
  for (const { name, options } of commands) {
    expect(printed).toContain(`\n  ${name}`)
    for (const option of Object.keys(options)) expect(printed).toContain(`--${option}`)
  }
  const ofOne = await run(['remove', '--help'])
  expect(ofOne).toMatchObject({ status: 0, errors: '' })
  expect(ofOne.printed).toContain('remove ACCOUNT [--wait SECONDS]')
  expect(ofOne.printed).toContain('--json')
  expect(ofOne.printed).not.toContain('suspend')
  expect(await run(['nothing', '--help'])).toMatchObject({ status: 2, printed: '' })
  expect(await run([])).toEqual({ status: 2, printed, errors: '' })
})

describe('reports an invalid command line with status 2, before anything is asked:', () => {
  test.each([
    [['nothing']],
    [['account']],
    [['account', 'alice']],
    [['account', account, account]],
    [['account', account.toUpperCase()]],
    [['account', account, '--wrong']],
    [['accounts', '--limit', '0']],
    [['accounts', '--limit', '101']],
    [['accounts', '--limit', '1.5']],
    [['accounts', '--after', 'alice']],
    [['accounts', 'a', 'b']],
    [['accounts', 'a', '--name', 'b']],
    [['quota', account]],
    [['quota', account, '--devices', '0']],
    [['quota', account, '--devices', '65']],
    [['quota', account, '--megabytes', '-1']],
    [['quota', account, '--megabytes', '1', '--default']],
    [['invite', '--uses', '0']],
    [['invite', '--uses', '101']],
    [['invite', '--days', '91']],
    [['invite', 'bob']],
    [['storage', 'all']],
    [['withdraw', '1']],
    [['remove', account, '--wait', 'long']],
    [['send-test-code']],
    [['send-test-code', '12']],
  ])('%j', async (written) => {
    const { status, printed, errors } = await run([...written, '--yes'])
    expect([status, printed]).toEqual([2, ''])
    expect(errors).toMatch(/^[^\n]+\.( [^\n]+\.?)?$/)
    expect(errors).not.toContain('No Sotto')
  })
})

test('if nothing is running, it names the folders that it searched', async () => {
  const { status, errors } = await run(['accounts'])
  expect(status).toBe(3)
  expect(errors).toContain(join(folder, 'none'))
  expect(errors).toContain(join(folder, 'nor'))
  const elsewhere = await run(['accounts', '--data', '/tmp/elsewhere'])
  expect(elsewhere).toMatchObject({ status: 3 })
  expect(elsewhere.errors).toContain('/tmp/elsewhere')
})

test('errors are JSON too if JSON is requested', async () => {
  const { status, errors } = await run(['accounts', '--json'])
  expect(status).toBe(3)
  expect(JSON.parse(errors)).toMatchObject({ error: { code: 'unreachable' } })
})

test('a Sotto that was killed, and two that are running, get different messages', async () => {
  const [one, two] = [await mkdtemp(join(folder, 'a-')), await mkdtemp(join(folder, 'b-'))]
  const content = {
    token: 'b7Kx2mQz90Vr-0p3r4t0r-of-the-tests',
    auth: ['http://127.0.0.1:9'],
    chat: ['http://127.0.0.1:9'],
    publicUrl: 'https://chat.example.org',
  }
  await writeOperatorFile(one, content)
  const dead = await run(['accounts'], { SOTTO_DATA: one })
  expect(dead).toMatchObject({ status: 3 })
  expect(dead.errors).toContain('does not answer')
  await writeOperatorFile(two, content)
  const both = await run(['accounts'], { SOTTO_DATA: one, SOTTO_CLUSTER_DATA: two })
  expect(both).toMatchObject({ status: 2 })
  expect(both.errors).toContain('--data')
})

test('rejects a token without a log', async () => {
  const env = { ADMIN_TOKEN: 'b7Kx2mQz90Vr-0p3r4t0r-of-the-tests' }
  const { status, errors } = await run(['accounts'], env)
  expect(status).toBe(2)
  expect(errors).toContain('ADMIN_LOG')
})
