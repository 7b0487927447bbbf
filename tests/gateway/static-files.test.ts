import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { get as getByTls } from 'node:https'
import { text } from 'node:stream/consumers'
import { createApp, createLogger } from '@sotto/service-runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serveWebApp } from '../../apps/all-in-one/src/web-app.ts'
import { type Gateway, startGateway } from './start-gateway.ts'

let gateway: Gateway
let allInOne: ReturnType<typeof createApp>
let allInOneOrigin: string

beforeAll(async () => {
  gateway = await startGateway()
  allInOne = createApp({ log: createLogger({ name: 'test', level: 'silent' }) })
  await serveWebApp(allInOne, gateway.webAppFolder)
  allInOneOrigin = await allInOne.listen({ host: '127.0.0.1', port: 0 })
})
afterAll(async () => {
  await allInOne?.close()
  await gateway?.[Symbol.asyncDispose]()
})

/** Headers about the server, the connection and the time. */
const ownHeaders = ['connection', 'date', 'etag', 'keep-alive', 'last-modified', 'server']

async function answerOf(origin: string, path: string) {
  const response = await fetch(origin + path, { headers: { 'accept-encoding': 'identity' } })
  const headers = Object.fromEntries(response.headers)
  for (const name of ownHeaders) delete headers[name]
  return { status: response.status, headers, body: await response.text() }
}

test.each([
  '/',
  '/index.html',
  '/icon.svg',
  '/assets/index-1a2b3c4d.js',
  '/assets/index-1a2b3c4d.css',
  '/assets/password-worker-1a2b3c4d.js',
  '/nothing',
  '/assets/nothing.js',
  '/assets/index-1a2b3c4d.js.gz',
  '/.env',
])('%s is the same from the gateway as from the all-in-one, with every header', async (path) => {
  const { headers, ...rest } = await answerOf(gateway.origin, path)
  const expected = await answerOf(allInOneOrigin, path)
  expect(rest).toEqual({ status: expected.status, body: expected.body })
  // Both send Vary, but NGINX only for files that have another encoding.
  const { vary: _, ...others } = headers
  const { vary: __, ...expectedOthers } = expected.headers
  expect(others).toEqual(expectedOthers)
})

test('only the password worker may use WebAssembly', async () => {
  const policyOf = async (path: string) =>
    (await answerOf(gateway.origin, path)).headers['content-security-policy'] ?? ''
  expect(await policyOf('/assets/password-worker-1a2b3c4d.js')).toContain("'wasm-unsafe-eval'")
  expect(await policyOf('/assets/index-1a2b3c4d.js')).not.toContain('unsafe')
  expect(await policyOf('/')).not.toContain('unsafe')
})

test('a precompressed variant is sent to clients that accept it', async () => {
  // Not `fetch`, which would decompress it.
  const request = get(`${gateway.origin}/assets/index-1a2b3c4d.js`, {
    headers: { 'accept-encoding': 'gzip' },
  })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  expect(await text(response)).toBe('gzipped')
  expect(response.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding' })
})

test.each(['/', '/assets/index-1a2b3c4d.js', '/health', '/nothing'])(
  'tells browsers to insist on TLS for %s over TLS, and not without it',
  async (path) => {
    expect(await insistsOnTls(gateway, 'https', path)).toBe('max-age=31536000')
    expect(await insistsOnTls(gateway, 'http', path)).toBeUndefined()
  },
)

test('does not do so for localhost, which belongs to every program on the machine', async () => {
  await using local = await startGateway({ publicUrl: 'https://localhost:8443' })
  expect(await insistsOnTls(local, 'https', '/')).toBeUndefined()
})

async function insistsOnTls(at: Gateway, scheme: 'http' | 'https', path: string) {
  const { plainPort, tlsPort } = at
  const to = { host: '127.0.0.1', path, rejectUnauthorized: false }
  const request =
    scheme === 'https' ? getByTls({ ...to, port: tlsPort }) : get({ ...to, port: plainPort })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  response.resume()
  return response.headers['strict-transport-security']
}
