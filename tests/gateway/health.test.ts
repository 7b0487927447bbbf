import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Health } from '@sotto/service-runtime'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Gateway, gatewaySecret, startGateway } from './start-gateway.ts'

const names = ['auth', 'chat', 'websocket'] as const
type Name = (typeof names)[number]

/** A service that reports this at `/health`, or reports nothing. */
interface Instance {
  says: string | undefined
  status: number
  asked: { method: string | undefined; url: string | undefined; headers: IncomingHttpHeaders }[]
  readonly server: Server
}

async function startInstance(): Promise<Instance> {
  const server = createServer((request, response) => {
    const { method, url, headers } = request
    instance.asked.push({ method, url, headers })
    if (instance.says !== undefined) response.setHeader('sotto-health', instance.says)
    response.writeHead(instance.status).end('{"database":"postgres://of-nobody"}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const instance: Instance = { says: 'ok', status: 200, asked: [], server }
  return instance
}

let gateway: Gateway
let instances: Record<Name, Instance>
beforeAll(async () => {
  const [auth, chat, websocket] = await Promise.all([
    startInstance(),
    startInstance(),
    startInstance(),
  ])
  instances = { auth, chat, websocket }
  const upstream = ({ server }: Instance) => ({
    servers: [`127.0.0.1:${(server.address() as AddressInfo).port}`],
  })
  gateway = await startGateway({
    upstreams: { auth: upstream(auth), chat: upstream(chat), websocket: upstream(websocket) },
  })
})
afterAll(async () => {
  await gateway?.[Symbol.asyncDispose]()
  for (const { server } of Object.values(instances ?? {})) {
    server.closeAllConnections()
    server.close()
  }
})
beforeEach(() => {
  for (const instance of Object.values(instances)) {
    Object.assign(instance, { says: 'ok', status: 200, asked: [] })
  }
})

async function readHealth(at = gateway.origin, init?: RequestInit) {
  const response = await fetch(`${at}/health`, init)
  return { ...Health.parse(await response.json()), response }
}

const well = { status: 'ok' }

test('everything is healthy if each service says so', async () => {
  const { response, ...health } = await readHealth()
  expect(health).toEqual({ status: 'ok', parts: { auth: well, chat: well, websocket: well } })
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toMatch(/^application\/json/)
  expect(response.headers.get('cache-control')).toBe('no-store')
})

test.each([
  ['auth', 'database,auth'],
  ['chat', 'database'],
  ['websocket', 'broker'],
] as const)('%s without %s is named, and so are the others', async (name, lacks) => {
  Object.assign(instances[name], { says: lacks, status: 503 })
  const { response, parts } = await readHealth()
  expect(response.status).toBe(503)
  expect(parts).toEqual({
    auth: well,
    chat: well,
    websocket: well,
    [name]: { status: 'degraded', detail: lacks },
  })
})

test('several unhealthy services are all named', async () => {
  for (const name of names) Object.assign(instances[name], { says: 'database', status: 503 })
  const ill = { status: 'degraded', detail: 'database' }
  const { response, parts } = await readHealth()
  expect([response.status, parts]).toEqual([503, { auth: ill, chat: ill, websocket: ill }])
})

test('a service without any instance is named', async () => {
  await using alone = await startGateway({
    upstreams: {
      auth: { servers: ['127.0.0.1:9'] },
      chat: { servers: [`127.0.0.1:${(instances.chat.server.address() as AddressInfo).port}`] },
      websocket: { servers: ['127.0.0.1:9'] },
    },
  })
  const nobody = { status: 'degraded', detail: 'no instance answers' }
  const { response, parts } = await readHealth(alone.origin)
  expect([response.status, parts]).toEqual([503, { auth: nobody, chat: well, websocket: nobody }])
})

test('a service with an unexpected answer is unhealthy', async () => {
  Object.assign(instances.chat, { says: undefined, status: 500 })
  const { response, parts } = await readHealth()
  expect([response.status, parts.chat?.status]).toEqual([503, 'degraded'])
})

test('nothing that a service reports except the parts is passed on', async () => {
  Object.assign(instances.auth, { says: 'database', status: 503 })
  const { response } = await readHealth()
  expect([...response.headers.keys()]).not.toContain('sotto-health')
  const text = await (await fetch(`${gateway.origin}/health`)).text()
  expect(text).not.toMatch(/postgres|127\.0\.0\.1/)
})

test('each service is asked once, with a fixed request, whatever the original request was', async () => {
  const { response } = await readHealth(gateway.origin, { method: 'POST', body: 'x'.repeat(2_000) })
  expect(response.status).toBe(200)
  for (const name of names) {
    const [asked, ...more] = instances[name].asked
    expect(more, name).toEqual([])
    expect(asked).toMatchObject({ method: 'GET', url: '/health' })
    expect(asked?.headers['x-sotto-gateway']).toBe(gatewaySecret)
    expect(asked?.headers['content-length'] ?? '0').toBe('0')
  }
})

test("the operator's listener reports the same, and the internal locations are unreachable", async () => {
  expect((await readHealth(gateway.statusOrigin)).response.status).toBe(200)
  for (const path of ['/gateway-health/auth', '/gateway-health/nothing']) {
    expect([403, 404]).toContain((await fetch(gateway.origin + path)).status)
  }
  for (const name of names) {
    expect(
      instances[name].asked.map(({ url }) => url),
      name,
    ).toEqual(['/health'])
  }
})

test('whether the gateway itself runs does not depend on any service', async () => {
  for (const name of names) Object.assign(instances[name], { says: 'database', status: 503 })
  const response = await fetch(`${gateway.origin}/live`)
  expect(response.status).toBe(204)
  expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  expect(Object.values(instances).flatMap(({ asked }) => asked)).toEqual([])
})

test('an unhealthy service is not an error of the gateway: its error log stays empty', async () => {
  Object.assign(instances.auth, { says: 'database', status: 503 })
  await readHealth()
  await expect.poll(() => gateway.logs()).toContain('"path":"/health","status":503')
  expect(await gateway.logs()).not.toMatch(/\[(error|crit)\]/)
})
