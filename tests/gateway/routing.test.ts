import { request } from 'node:http'
import {
  ENDED_SESSIONS_PATH,
  LIVE_SESSIONS_PATH,
  RESUMED_SESSIONS_PATH,
} from '@sotto/service-runtime'
import { authOperatorRequests, chatOperatorRequests } from '@sotto/wire/operator'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { renderNginxConfig } from '../../gateway/render-nginx-config.ts'
import { serviceOf } from '../../gateway/routes.ts'
import {
  type Backend,
  type Gateway,
  gatewaySecret,
  startBackend,
  startGateway,
} from './start-gateway.ts'

let gateway: Gateway
let backends: Record<'auth' | 'chat1' | 'chat2' | 'websocket1' | 'websocket2', Backend>

beforeAll(async () => {
  const [auth, chat1, chat2, websocket1, websocket2] = await Promise.all([
    startBackend(),
    startBackend(),
    startBackend(),
    startBackend(),
    startBackend(),
  ])
  backends = { auth, chat1, chat2, websocket1, websocket2 }
  gateway = await startGateway({
    upstreams: {
      auth: { servers: ['127.0.0.1:9'], spare: [auth.address] },
      chat: { servers: [chat1.address, chat2.address] },
      websocket: { servers: [websocket1.address, websocket2.address] },
    },
  })
})
afterAll(async () => {
  await gateway?.[Symbol.asyncDispose]()
  await Promise.all(Object.values(backends ?? {}).map((backend) => backend.close()))
})
beforeEach(() => {
  for (const backend of Object.values(backends)) {
    backend.requests.length = 0
    backend.hangsUp = false
  }
})

const count = (...names: (keyof typeof backends)[]) =>
  names.map((name) => backends[name].requests.length)
const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(gateway.origin + path, { headers })

test('each path goes to its service in the list of routes, with its query', async () => {
  await get('/users?q=a')
  await get('/conversations/1/log')
  await get('/ws')
  expect(
    backends.chat1.requests
      .concat(backends.chat2.requests)
      .map(({ url }) => url)
      .sort(),
  ).toEqual(['/conversations/1/log', '/users?q=a'])
  expect(count('auth')).toEqual([0])
  expect((await get('/usersandmore')).status).toBe(404)
})

test('no operator route is forwarded, however it is written', async () => {
  const endpoints = [...Object.values(authOperatorRequests), ...Object.values(chatOperatorRequests)]
  const internal = [LIVE_SESSIONS_PATH, ENDED_SESSIONS_PATH, RESUMED_SESSIONS_PATH, '/metrics']
  const written = (path: string) => [
    path,
    `/${path}`,
    `/auth/..${path}`,
    `/users/%2e%2e${path}`,
    path.toUpperCase(),
  ]
  expect(endpoints.every(({ path }) => serviceOf(path) === undefined)).toBe(true)
  for (const path of [...endpoints.map((one) => one.path), ...internal].flatMap(written)) {
    const answers = await Promise.all(['GET', 'POST'].map((method) => askRaw(method, path)))
    for (const status of answers) expect([400, 403, 404, 405], path).toContain(status)
  }
  expect(count('auth', 'chat1', 'chat2', 'websocket1', 'websocket2')).toEqual([0, 0, 0, 0, 0])
})

/** Sends the path unchanged; `fetch` would normalize it. */
function askRaw(method: string, path: string): Promise<number | undefined> {
  const { hostname, port } = new URL(gateway.origin)
  return new Promise((resolve, reject) => {
    const asking = request({ hostname, port, path, method }, (answer) => {
      answer.resume()
      resolve(answer.statusCode)
    })
    asking.on('error', reject)
    asking.end()
  })
}

test('the spare of auth answers if auth is down', async () => {
  expect((await get('/auth/session')).status).toBe(200)
  expect(count('auth')).toEqual([1])
})

test("a client's claims about itself are overwritten", async () => {
  const answer = await get('/users', {
    'x-forwarded-for': '203.0.113.9',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'evil.example',
    'x-real-ip': '203.0.113.9',
    forwarded: 'for=203.0.113.9',
    'x-request-id': 'mine',
    'x-sotto-gateway': 'mine',
  })
  const told = (await answer.json()) as Record<string, string>
  expect(told).toMatchObject({ 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'http' })
  expect(told['x-sotto-gateway']).toBe(gatewaySecret)
  expect(told['x-request-id']).toMatch(/^[0-9a-f]{32}$/)
  expect(told).not.toHaveProperty('forwarded')
  expect(told).not.toHaveProperty('x-real-ip')
  expect(told).not.toHaveProperty('x-forwarded-host')
})

test("only services get the gateway's secret", async () => {
  for (const path of ['/auth/session', '/users', '/ws']) {
    const answer = await get(path, { 'X-Sotto-Gateway': 'mine', x_sotto_gateway: 'mine' })
    const told = (await answer.json()) as Record<string, string>
    expect(told['x-sotto-gateway'], path).toBe(gatewaySecret)
    expect([...answer.headers.keys()]).not.toContain('x-sotto-gateway')
  }
  await expect.poll(() => gateway.logs()).toContain('/auth')
  expect(await gateway.logs()).not.toContain(gatewaySecret)
})

test('the devices of an account meet at one websocket instance', async () => {
  const homes = new Set<string>()
  for (let shard = 0; shard < 64; shard += 1) {
    const before = count('websocket1')[0]
    for (let n = 0; n < 3; n += 1) await get('/ws', { cookie: `a=b; sotto-shard=${shard}; c=d` })
    const came = (count('websocket1')[0] ?? 0) - (before ?? 0)
    expect([0, 3]).toContain(came)
    homes.add(came === 3 ? 'one' : 'other')
  }
  expect(homes.size).toBe(2)
})

test.each(['64', '-1', '7x', '007', ''])('"%s" is not a valid shard', async (value) => {
  for (let n = 0; n < 40; n += 1) await get('/ws', { cookie: `sotto-shard=${value}` })
  expect(Math.min(...count('websocket1', 'websocket2'))).toBeGreaterThan(0)
})

test('a request that changes something is never sent twice; one that reads is', async () => {
  backends.chat1.hangsUp = true
  backends.chat2.hangsUp = true
  const post = await fetch(`${gateway.origin}/devices`, { method: 'POST', body: '{}' })
  expect([post.status, await post.json()]).toEqual([503, { code: 'unavailable' }])
  expect(post.headers.get('retry-after')).toBe('1')
  expect(count('chat1', 'chat2').sort()).toEqual([0, 1])

  await get('/users')
  expect(Math.min(...count('chat1', 'chat2'))).toBe(1)
})

test('rejects a value that could break out of its context', async () => {
  const values = {
    workers: '1',
    maxOpenFiles: 1024,
    pidFile: '/tmp/a; include /etc/passwd',
    accessLog: '/tmp/a',
    errorLog: '/tmp/a',
    temporaryFolder: '/tmp',
    plainListeners: [],
    plainServes: false,
    publicUrl: 'https://a',
    gatewaySecret,
    upstreams: { auth: { servers: [] }, chat: { servers: [] }, websocket: { servers: [] } },
    staticFolder: '/tmp',
    limitFactor: 1,
  }
  await expect(renderNginxConfig(values)).rejects.toThrow('configuration cannot contain')
})
