import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endpoint } from '@sotto/wire'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import {
  type App,
  createApp,
  createLogger,
  readConfig,
  readOperatorFile,
  registerForOperator,
  removeOperatorFile,
  route,
  secretInHeader,
  writeOperatorFile,
} from '../../src/index.ts'

const log = createLogger({ name: 'test', level: 'silent' })
const token = 'b7Kx2mQz90Vr-0p3r4t0r-of-the-tests'
const act = endpoint({
  method: 'POST',
  path: '/operator/act',
  access: 'operator',
  body: z.strictObject({ text: z.string() }),
  response: z.strictObject({ done: z.boolean() }),
})

async function start(given: string | undefined): Promise<App> {
  const app = createApp({ log })
  await registerForOperator(app, given, async (routes) =>
    route(routes, act, async () => ({ done: true })),
  )
  return app
}

const post = async (app: App, authorization?: string, payload: object | string = { text: 'a' }) => {
  const answer = await app.inject({
    method: 'POST',
    url: '/operator/act',
    payload,
    headers: {
      'content-type': 'application/json',
      ...(authorization !== undefined && { authorization }),
    },
  })
  return [answer.statusCode, answer.json().code ?? answer.json()]
}

describe('the operator’s routes', () => {
  let app: App
  beforeAll(async () => {
    app = await start(token)
  })
  afterAll(() => app.close())

  test('answer callers that present the token', async () => {
    expect(await post(app, `Bearer ${token}`)).toEqual([200, { done: true }])
  })

  test.each([
    undefined,
    '',
    'Bearer ',
    `Basic ${token}`,
    `Bearer ${token}x`,
    `Bearer ${token.slice(0, -1)}`,
    `Bearer ${token.toUpperCase()}`,
    token,
  ])('reject %j before reading anything', async (authorization) => {
    expect(await post(app, authorization, 'no JSON')).toEqual([401, 'unauthenticated'])
  })

  test('reject fields that are not in their schema', async () => {
    const sent = { text: 'a', more: 'b' }
    expect(await post(app, `Bearer ${token}`, sent)).toEqual([400, 'invalid_request'])
  })
})

test('do not exist without a token, whatever the caller presents', async () => {
  const app = await start(undefined)
  for (const authorization of [`Bearer ${token}`, 'Bearer undefined', undefined]) {
    expect(await post(app, authorization)).toEqual([404, 'not_found'])
  }
  await app.close()
})

test('an operator route cannot be registered without a token check', () => {
  const app = createApp({ log })
  expect(() => route(app, act, async () => ({ done: true }))).toThrow('admitOperator')
})

test.each([
  '',
  'short',
  'a'.repeat(40),
  'change-me-please-change-me-please',
  'with blanks 0123456789 abcdefghij',
])('%j is not a valid token', (value) => {
  const schema = z.object({ ADMIN_TOKEN: secretInHeader })
  expect(() => readConfig(schema, { ADMIN_TOKEN: value })).toThrow('ADMIN_TOKEN')
})

describe('the file of a data folder', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sotto-operator-'))
  })
  afterAll(() => rm(folder, { recursive: true }))
  const content = {
    token,
    auth: ['http://127.0.0.1:9081'],
    chat: ['http://127.0.0.1:9083'],
    publicUrl: 'https://chat.example.org',
  }

  test('is readable only by its user, even if another user had created one', async () => {
    await writeFile(join(folder, 'admin.json.new'), 'planted', { mode: 0o666 })
    await writeFile(join(folder, 'admin.json'), 'planted', { mode: 0o666 })
    await writeOperatorFile(folder, content)
    expect((await stat(join(folder, 'admin.json'))).mode & 0o777).toBe(0o600)
    expect(await readOperatorFile(folder)).toEqual({ v: 1, ...content })
  })

  test('is missing if nothing runs', async () => {
    await removeOperatorFile(folder)
    expect(await readOperatorFile(folder)).toBeUndefined()
    await removeOperatorFile(folder)
  })

  test('is rejected if damaged, without revealing its content', async () => {
    await writeFile(join(folder, 'admin.json'), `{"token":"${token}"`)
    await expect(readOperatorFile(folder)).rejects.toThrow(/admin\.json cannot be read/)
    await expect(readOperatorFile(folder)).rejects.not.toThrow(token)
    expect(await readFile(join(folder, 'admin.json'), 'utf8')).toContain(token)
  })
})
