import { once } from 'node:events'
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { MAX_BODY_BYTES } from '@sotto/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Backend, type Gateway, startBackend, startGateway } from './start-gateway.ts'

let gateway: Gateway
let backend: Backend

beforeAll(async () => {
  backend = await startBackend()
  const upstream = { servers: [backend.address] }
  gateway = await startGateway({
    upstreams: { auth: upstream, chat: upstream, websocket: upstream },
  })
})
afterAll(async () => {
  await gateway?.[Symbol.asyncDispose]()
  await backend?.close()
})

/** Writes bytes to a new connection and returns everything that it receives until it ends. */
async function say(...pieces: string[]): Promise<string> {
  const socket = connect(gateway.plainPort, '127.0.0.1').setEncoding('utf8')
  let heard = ''
  socket.on('data', (text) => {
    heard += text
  })
  socket.on('error', () => {})
  for (const piece of pieces) socket.write(piece)
  await once(socket, 'close')
  return heard
}

test('a body that is too large never reaches a service', async () => {
  const before = backend.requests.length
  const body = 'x'.repeat(MAX_BODY_BYTES + 1)
  const response = await fetch(`${gateway.origin}/users`, { method: 'POST', body })
  expect([response.status, await response.json()]).toEqual([413, { code: 'too_large' }])
  const declared = await say(
    'POST /users HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 99999999\r\n\r\n',
  )
  expect(declared).toContain('{"code":"too_large"}')
  expect(backend.requests.length).toBe(before)

  const largest = 'x'.repeat(MAX_BODY_BYTES)
  expect((await fetch(`${gateway.origin}/users`, { method: 'POST', body: largest })).status).toBe(
    200,
  )
})

test.each([
  ['no HTTP', 'HELLO\r\n\r\n'],
  ['a header without an end', `GET / HTTP/1.1\r\nhost: a\r\nx: ${'a'.repeat(40_000)}\r\n\r\n`],
  [
    'a path above the root',
    'GET /../../etc/passwd HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n',
  ],
  [
    'two lengths',
    'POST /users HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab',
  ],
  ['TRACE', 'TRACE / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n'],
])('%s is answered as the services do', async (_, request) => {
  const answer = await say(request)
  expect(answer).toMatch(/^HTTP\/1\.1 400 /)
  expect(answer).toContain('{"code":"invalid_request"}')
  expect(answer).toContain('x-content-type-options: nosniff')
  expect(answer).not.toMatch(/nginx\//)
})

test('a client that sends its request too slowly is disconnected, but not before ten seconds', async () => {
  const begun = performance.now()
  await say('GET / HTTP/1.1\r\nhost: a\r\n')
  const seconds = (performance.now() - begun) / 1000
  expect(seconds).toBeGreaterThan(9)
})

test("requests beyond an address's limit are refused, with the time to wait", async () => {
  await using strict = await startGateway({
    limitFactor: 0.005,
    upstreams: {
      auth: { servers: [backend.address] },
      chat: { servers: [backend.address] },
      websocket: { servers: [backend.address] },
    },
  })
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => fetch(`${strict.origin}/users`)),
  )
  const refused = answers.filter(({ status }) => status !== 200)
  expect(refused.length).toBeGreaterThan(5)
  for (const answer of refused) {
    expect([answer.status, await answer.json()]).toEqual([429, { code: 'rate_limited' }])
    expect(answer.headers.get('retry-after')).toBe('1')
  }
})

test('supports HTTP/2 over TLS, and nothing older than TLS 1.2', async () => {
  const to = { host: '127.0.0.1', port: gateway.tlsPort, rejectUnauthorized: false }
  const socket = connectTls({ ...to, ALPNProtocols: ['h2', 'http/1.1'] })
  await once(socket, 'secureConnect')
  expect([socket.alpnProtocol, socket.getProtocol()]).toEqual(['h2', 'TLSv1.3'])
  socket.destroy()

  const old = connectTls({
    ...to,
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.1',
    ciphers: 'ALL@SECLEVEL=0',
  })
  await expect(once(old, 'secureConnect')).rejects.toThrow(/alert|protocol/i)
})
