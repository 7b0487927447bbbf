import { once } from 'node:events'
import { type AddressInfo, connect as connectSocket } from 'node:net'
import { endpoint, MAX_BODY_BYTES } from '@sotto/wire'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import {
  type App,
  authenticateWith,
  connect,
  createApp,
  createHealthChecks,
  createLogger,
  createProxies,
  createTokenVerifier,
  DomainError,
  healthRoute,
  route,
} from '../../src/index.ts'

const echo = endpoint({
  method: 'POST',
  path: '/echo/:id',
  access: 'anyone',
  params: z.strictObject({ id: z.string() }),
  query: z.strictObject({ page: z.coerce.number().int().optional() }),
  body: z.strictObject({ text: z.string().max(100), more: z.array(z.string()).optional() }),
  response: z.strictObject({ text: z.string() }),
})
const fail = endpoint({
  method: 'GET',
  path: '/fail/:how',
  access: 'anyone',
  params: z.strictObject({ how: z.string() }),
  response: z.strictObject({}),
})
const own = endpoint({
  method: 'POST',
  path: '/own',
  access: 'account',
  body: z.strictObject({}),
  response: z.strictObject({}),
})

const nowhere = connect('postgres://127.0.0.1:1/none', { maxConnections: 1, applicationName: 't' })
const failures: Record<string, () => unknown> = {
  domain: () => {
    throw new DomainError('stale_version', { current: 4 })
  },
  bug: () => {
    throw new Error('the canary', { cause: new Error('why') })
  },
  text: () => {
    throw 'the canary'
  },
  limited: () => {
    throw new DomainError('rate_limited', { retryAfterSeconds: 7 })
  },
  database: () => nowhere`select 1`,
  leak: () => ({ phone: 'the canary' }),
}

let app: App
const lines: string[] = []
beforeAll(async () => {
  const log = createLogger({
    name: 'test',
    destination: { write: (line) => void lines.push(line) },
  })
  app = createApp({ log, proxies: createProxies({ trusted: ['127.0.0.1'] }, log) })
  const checks = createHealthChecks()
  checks.add('well', async () => ({ status: 'ok' }))
  healthRoute(app, checks)
  await app.register(async (plugin: App) => {
    const keys = async () => ({ keys: [] })
    const isLive = async () => true
    authenticateWith(
      plugin,
      createTokenVerifier({ keys, isLive, isProven: isLive, issuer: 'i', audience: 'a' }),
    )
    route(plugin, echo, async ({ body }) => ({ text: body.text }))
    route(plugin, fail, async ({ params }) => (await failures[params.how]?.()) as never)
    route(plugin, own, async () => ({}))
  })
})
afterAll(async () => {
  await app.close()
  await nowhere.end()
})

async function post(payload: string | Buffer, url = '/echo/1', type = 'application/json') {
  const answer = await app.inject({
    method: 'POST',
    url,
    payload,
    headers: { 'content-type': type },
  })
  return { status: answer.statusCode, body: answer.json(), headers: answer.headers }
}
const failWith = async (how: string) => {
  const answer = await app.inject(`/fail/${how}`)
  return { status: answer.statusCode, body: answer.json(), headers: answer.headers }
}

describe('an invalid request gets a typed answer', () => {
  const invalid = { status: 400, body: { code: 'invalid_request' } }

  test.each([
    ['not JSON', '{'],
    ['an empty body', ''],
    ['bytes that are not UTF-8', Buffer.from('7b2274657874223a22ff227d', 'hex')],
    ['__proto__', '{"text":"a","__proto__":{"isAdmin":true}}'],
    ['constructor', '{"text":"a","constructor":{"prototype":{}}}'],
    ['NUL', String.raw`{"text":"a\u0000b"}`],
    ['a lone surrogate', String.raw`{"text":"a\ud800b"}`],
    ['a lone surrogate in a list', String.raw`{"text":"a","more":["\udc00"]}`],
    ['NUL in the name of a member', String.raw`{"text":"a","b\u0000":1}`],
    ['deep nesting', '['.repeat(100_000)],
    ['deep nesting that is closed', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
    ['deep objects', '{"":'.repeat(50_000)],
  ])('%s', async (_, payload) => {
    expect(await post(payload)).toMatchObject(invalid)
    expect({}).not.toHaveProperty('isAdmin')
  })

  test.each([
    ['body/text', '{"text":1}'],
    ['body/more/1', '{"text":"a","more":["b",{"secret":"canary"}]}'],
    ['body/', '{"text":"a","canary":"b"}'],
    ['body/', '"canary"'],
  ])('names the field %s, not its value: %s', async (field, payload) => {
    expect(await post(payload)).toMatchObject({
      status: 400,
      body: { code: 'invalid_request', details: { field } },
    })
  })

  test('another content type', async () => {
    expect(await post('text=a', '/echo/1', 'application/x-www-form-urlencoded')).toMatchObject(
      invalid,
    )
    expect(await post('{"text":"a"}', '/echo/1', 'text/plain')).toMatchObject(invalid)
  })

  test('an unknown query parameter, and one with NUL', async () => {
    expect((await post('{"text":"a"}', '/echo/1?page=2')).status).toBe(200)
    expect(await post('{"text":"a"}', '/echo/1?admin=1')).toMatchObject(invalid)
    expect(await post('{"text":"a"}', '/echo/1?page=%00')).toMatchObject(invalid)
  })

  test('a path with NUL or bad escapes', async () => {
    expect(await post('{"text":"a"}', '/echo/%00')).toMatchObject(invalid)
    expect(await post('{"text":"a"}', '/echo/%ff')).toMatchObject(invalid)
  })

  test('a body that is too large', async () => {
    expect(await post(`"${'a'.repeat(MAX_BODY_BYTES)}"`)).toMatchObject({
      status: 413,
      body: { code: 'too_large' },
    })
  })

  test('an unknown path', async () => {
    expect(await post('{}', '/nowhere')).toMatchObject({ status: 404, body: { code: 'not_found' } })
  })

  test('input that is not HTTP', async () => {
    const address = await app.listen({ port: 0, host: '127.0.0.1' })
    const socket = connectSocket((app.server.address() as AddressInfo).port, '127.0.0.1')
    socket.write('not http\r\n\r\n')
    const [answer] = await once(socket, 'data')

    expect(address).toContain('127.0.0.1')
    expect(`${answer}`).toMatch(/^HTTP\/1.1 400 .*\{"code":"invalid_request"\}$/s)
  })
})

describe('a failure becomes', () => {
  test('its code and details if it is an outcome', async () => {
    expect(await failWith('domain')).toMatchObject({
      status: 409,
      body: { code: 'stale_version', details: { current: 4 } },
    })
  })

  test('429 with the time to wait', async () => {
    const { status, headers } = await failWith('limited')
    expect({ status, wait: headers['retry-after'] }).toEqual({ status: 429, wait: '7' })
  })

  test.each(['bug', 'text', 'leak'])('a bare 500 if it is a bug: %s', async (how) => {
    expect(await failWith(how)).toMatchObject({ status: 500 })
    expect((await failWith(how)).body).toEqual({ code: 'internal' })
  })

  test('503 if the database is unreachable', async () => {
    expect(await failWith('database')).toMatchObject({ status: 503, body: { code: 'unavailable' } })
  })

  test('a log line with the cause', async () => {
    lines.length = 0
    await failWith('bug')
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      msg: 'request failed',
      err: { message: 'the canary', cause: { message: 'why' } },
    })
  })
})

test('every answer of the API has the security headers, including errors', async () => {
  for (const answer of [await post('{"text":"a"}'), await failWith('bug'), await post('', '/no')]) {
    expect(answer.headers).toMatchObject({
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    })
    expect(answer.headers).not.toHaveProperty('strict-transport-security')
  }
  const overTls = async (host: string) => {
    const headers = { host, 'x-forwarded-proto': 'https' }
    return (await app.inject({ url: '/fail/bug', headers })).headers['strict-transport-security']
  }
  expect(await overTls('chat.example.org')).toBe('max-age=31536000')
  expect(await overTls('localhost:8443')).toBeUndefined()
})

test('rejects strangers before reading the body', async () => {
  const answer = await post('{', '/own')

  expect(answer).toMatchObject({ status: 401, body: { code: 'unauthenticated' } })
  expect(answer.headers['www-authenticate']).toBe('Bearer')
})

test('logs a request without its query and body', async () => {
  lines.length = 0
  await post('{"text":"the canary"}', '/echo/the-canary?page=7')

  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    msg: 'answered',
    method: 'POST',
    path: '/echo/:id',
    status: 200,
  })
  expect(lines.join('')).not.toMatch(/canary|page/)
})

test('a route for accounts without a token verifier is a mistake', () => {
  const bare = createApp({ log: createLogger({ name: 'test', level: 'silent' }) })
  expect(() => route(bare, own, async () => ({}))).toThrow('authenticateWith')
})

describe('GET /health', () => {
  test('reports the state of each part', async () => {
    const answer = await app.inject('/health')
    expect(answer.statusCode).toBe(200)
    expect(answer.json()).toEqual({ status: 'ok', parts: { well: { status: 'ok' } } })
    expect(answer.headers['sotto-health']).toBe('ok')
  })

  test('names degraded parts in a header, for the gateway', async () => {
    const checks = createHealthChecks()
    checks.add('database', async () => ({ status: 'degraded', detail: 'the canary' }))
    checks.add('broker', async () => ({ status: 'ok' }))
    checks.add('chat', async () => ({ status: 'degraded' }))
    const ill = createApp({ log: createLogger({ name: 'test', level: 'silent' }) })
    healthRoute(ill, checks)
    const answer = await ill.inject('/health')
    expect([answer.statusCode, answer.headers['sotto-health']]).toEqual([503, 'database,chat'])
    await ill.close()
  })

  test('runs the checks once for many callers, and again a while later', async () => {
    const checks = createHealthChecks(20)
    let runs = 0
    checks.add('counted', async () => {
      runs += 1
      return { status: 'ok' }
    })
    await Promise.all(Array.from({ length: 50 }, () => checks.read()))
    expect(runs).toBe(1)
    await expect.poll(async () => (await checks.read()) && runs).toBeGreaterThan(1)
  })

  test('counts a failing check as degraded', async () => {
    const checks = createHealthChecks()
    checks.add('ill', async () => {
      throw new Error('no')
    })
    expect(await checks.read()).toEqual({
      status: 'degraded',
      parts: { ill: { status: 'degraded', detail: 'failed' } },
    })
  })
})
