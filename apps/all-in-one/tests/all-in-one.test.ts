import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newOpaqueSetup, newSigningKey } from '@sotto/auth'
import { createLogger } from '@sotto/service-runtime'
import { authRequests, chatRequests, type Endpoint } from '@sotto/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../tests/postgres/test-database.ts'
import { type AllInOne, createAllInOne } from '../src/run.ts'
import { refuseTakenPort } from '../src/taken-port.ts'

let database: TestDatabase
let webAppFolder: string
let sotto: AllInOne

const page = '<!doctype html><title>Sotto</title>'
const files: Record<string, string> = {
  'index.html': page,
  'icon.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
  'assets/index-1a2b3c4d.js': 'export {}',
  'assets/password-worker-1a2b3c4d.js': 'export {}',
}

beforeAll(async () => {
  database = await createTestDatabase()
  webAppFolder = await mkdtemp(join(tmpdir(), 'sotto-web-'))
  await mkdir(join(webAppFolder, 'assets'))
  for (const [name, text] of Object.entries(files)) await writeFile(join(webAppFolder, name), text)
  sotto = await createAllInOne({
    log: createLogger({ name: 'test', level: 'error' }),
    host: 'localhost',
    port: 0,
    origins: [],
    databaseUrls: {
      auth: database.url,
      chat: database.url,
      authOwner: database.url,
      chatOwner: database.url,
    },
    secrets: {
      signingKey: newSigningKey(),
      opaqueSetup: await newOpaqueSetup(),
      codePepper: 'a pepper for one test run only',
    },
    sendCode: async () => {},
    webAppFolder,
  })
})

afterAll(async () => {
  await sotto.close()
  await database.drop()
  await rm(webAppFolder, { recursive: true })
})

const get = (path: string, init?: RequestInit) => fetch(`${sotto.url}${path}`, init)

test('health reports the state of each part', async () => {
  const response = await get('/health')
  const { status, parts } = (await response.json()) as { status: string; parts: object }
  expect([response.status, status]).toEqual([200, 'ok'])
  expect(Object.keys(parts).sort()).toEqual(['auth', 'broker', 'chat', 'database', 'websocket'])
})

const endpoints: Endpoint[] = [...Object.values(authRequests), ...Object.values(chatRequests)]

test.each(endpoints)('$method $path exists', async ({ method, path, access }) => {
  const id = '00000000-0000-4000-8000-000000000000'
  const response = await get(path.replaceAll(/:\w+/g, id), { method })
  // Strangers are rejected before anything is read; endpoints for anyone report what is missing.
  if (access === 'account' || access === 'log-in') expect(response.status).toBe(401)
  else expect(await response.json()).not.toEqual({ code: 'not_found' })
})

test.each(['/', '/index.html', '/icon.svg', '/assets/index-1a2b3c4d.js'])(
  '%s comes with every security header',
  async (path) => {
    const { status, headers } = await get(path)
    expect(status).toBe(200)
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
    expect(policy).toContain("require-trusted-types-for 'script'")
    expect(policy).not.toMatch(/unsafe|https?:|\*/)
    expect(Object.fromEntries(headers)).toMatchObject({
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'permissions-policy': expect.stringContaining('camera=()'),
    })
  },
)

test('only the password worker may use WebAssembly', async () => {
  const { headers } = await get('/assets/password-worker-1a2b3c4d.js')
  expect(headers.get('content-security-policy')).toContain("script-src 'self' 'wasm-unsafe-eval'")
})

test('files named after their content are cached forever; the page is requested each time', async () => {
  const asset = await get('/assets/index-1a2b3c4d.js')
  expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
  for (const path of ['/', '/index.html', '/icon.svg']) {
    expect((await get(path)).headers.get('cache-control')).toBe('no-cache')
  }
})

test.each([
  '/nothing',
  '/assets/nothing.js',
  '/..%2f..%2fpackage.json',
  '/assets/..%2findex.html',
  '/.env',
])('%s is not found, answered as the services do', async (path) => {
  const response = await get(path)
  expect([response.status, await response.json()]).toEqual([404, { code: 'not_found' }])
})

test('a port in use is reported before anything else is started', async () => {
  const other = createServer()
  await new Promise<void>((listening) => other.listen(0, 'localhost', listening))
  const { port } = other.address() as { port: number }
  await expect(refuseTakenPort({ host: 'localhost', port }, 200)).rejects.toThrow(
    `Port ${port} is in use. Stop the program that uses it, or choose another port: PORT=${port + 1} npm start`,
  )
  const variable = 'HTTPS_PORT'
  await expect(refuseTakenPort({ host: 'localhost', port, variable }, 200)).rejects.toThrow(
    `Port ${port} is in use. Stop the program that uses it. If it is a web server that you need, it can run in front of Sotto: docs/operating.md, "A web server in front". HTTPS_PORT sets another port.`,
  )
  other.close()
})
