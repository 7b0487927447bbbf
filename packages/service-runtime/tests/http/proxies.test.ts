import { GATEWAY_HEADER } from '@sotto/wire'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type App,
  createApp,
  createLogger,
  createProxies,
  type ProxySettings,
  proxyList,
} from '../../src/index.ts'

const secret = 'b7Kx2mQz90Vr-g4t3w4y-of-the-tests'
const gateway = '10.203.77.10'
const lines: string[] = []
const log = createLogger({
  name: 'test',
  level: 'debug',
  destination: { write: (line) => void lines.push(line) },
})

/** A server that reports the origin that it believes and the headers that it received. */
function appBehind(settings: ProxySettings): App {
  const app = createApp({ log, proxies: createProxies(settings, log) })
  app.get('/who', async (request) => ({
    ip: request.ip,
    protocol: request.protocol,
    id: request.id,
    headers: request.headers,
  }))
  return app
}

const claims = {
  'x-forwarded-for': '203.0.113.9',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'evil.example',
  'x-real-ip': '203.0.113.9',
  forwarded: 'for=203.0.113.9',
  'x-request-id': '0123456789abcdef0123456789abcdef',
}

async function ask(app: App, from: string, headers: Record<string, string | string[]> = {}) {
  const answer = await app.inject({
    url: '/who',
    remoteAddress: from,
    headers: { ...claims, ...headers },
  })
  return answer.json()
}

describe('with a secret', () => {
  let app: App
  beforeAll(() => {
    app = appBehind({ trusted: ['10.203.77.0/24'], secret })
  })
  afterAll(() => app.close())

  test('the gateway is trusted, and its secret is not passed on', async () => {
    const told = await ask(app, gateway, { [GATEWAY_HEADER]: secret })
    expect(told).toMatchObject({ ip: '203.0.113.9', protocol: 'https', id: claims['x-request-id'] })
    expect(told.headers).not.toHaveProperty(GATEWAY_HEADER)
  })

  test.each([
    ['no secret', {}],
    ['an empty secret', { [GATEWAY_HEADER]: '' }],
    ['another secret', { [GATEWAY_HEADER]: secret.replace('b', 'c') }],
    ['its beginning', { [GATEWAY_HEADER]: secret.slice(0, -1) }],
    ['a longer secret', { [GATEWAY_HEADER]: `${secret}x` }],
    ['the secret twice', { [GATEWAY_HEADER]: [secret, secret] }],
    ['the secret in another case', { [GATEWAY_HEADER]: secret.toUpperCase() }],
  ])("a program at the gateway's address with %s is not trusted", async (_, headers) => {
    const told = await ask(app, gateway, headers)
    expect(told).toMatchObject({ ip: gateway, protocol: 'http' })
    expect(told.id).not.toBe(claims['x-request-id'])
    for (const claim of Object.keys(claims)) expect(told.headers).not.toHaveProperty(claim)
    expect(told.headers).not.toHaveProperty(GATEWAY_HEADER)
  })

  test('a stranger at another address who knows the secret is not trusted', async () => {
    const told = await ask(app, '192.0.2.1', { [GATEWAY_HEADER]: secret })
    expect(told).toMatchObject({ ip: '192.0.2.1', protocol: 'http' })
  })

  test('the same applies to a path that does not exist or is malformed', async () => {
    for (const url of ['/nothing', '/%ff']) {
      const { headers } = await app.inject({
        url,
        remoteAddress: gateway,
        headers: { ...claims, host: 'chat.example.org' },
      })
      expect(headers, url).not.toHaveProperty('strict-transport-security')
    }
  })

  test('the secret is never logged', async () => {
    await ask(app, gateway, { [GATEWAY_HEADER]: secret })
    log.info({ headers: { [GATEWAY_HEADER]: secret } }, 'somebody logs headers')
    expect(lines.join('')).toContain('somebody logs headers')
    expect(lines.join('')).not.toContain(secret)
  })
})

test('without a secret, an address is enough; without an address, no one is trusted', async () => {
  const byAddress = appBehind({ trusted: [gateway] })
  const byNothing = appBehind({ trusted: [] })

  expect(await ask(byAddress, gateway)).toMatchObject({ ip: '203.0.113.9' })
  expect(await ask(byAddress, '10.203.77.11')).toMatchObject({ ip: '10.203.77.11' })
  expect(await ask(byNothing, gateway, { [GATEWAY_HEADER]: secret })).toMatchObject({ ip: gateway })
  await Promise.all([byAddress.close(), byNothing.close()])
})

describe('a proxy given by its host name', () => {
  const socket = (remoteAddress: string) => ({
    headers: { 'x-forwarded-for': '203.0.113.9' },
    socket: { remoteAddress },
  })
  const addressOf = (proxies: ReturnType<typeof createProxies>, from: string) => {
    const request = socket(from) as never
    proxies.check(request)
    return proxies.addressOf(request)
  }

  test('is trusted at every address of the name, and no other host is', async () => {
    const proxies = createProxies({ trusted: ['caddy'] }, log, async () => ['10.0.0.7', 'FD00::7'])
    await proxies.ready
    for (const from of ['10.0.0.7', '::ffff:10.0.0.7', 'fd00::7']) {
      expect(addressOf(proxies, from), from).toBe('203.0.113.9')
    }
    expect(addressOf(proxies, '10.0.0.8')).toBe('10.0.0.8')
    proxies.close()
  })

  test('is looked up again: found late, moved, and kept while lookups fail', async () => {
    const answers = [new Error('not yet'), ['10.0.0.7'], ['10.0.0.8'], new Error('no answer')]
    let asked = 0
    const next = async () => {
      const answer = answers[Math.min(asked, answers.length - 1)] ?? []
      asked += 1
      if (answer instanceof Error) throw answer
      return answer
    }
    const proxies = createProxies({ trusted: ['caddy'] }, log, next, 5)
    await proxies.ready
    expect(addressOf(proxies, '10.0.0.7')).toBe('10.0.0.7')
    await expect.poll(() => addressOf(proxies, '10.0.0.8')).toBe('203.0.113.9')
    expect(addressOf(proxies, '10.0.0.7')).toBe('10.0.0.7')
    await expect.poll(() => asked).toBeGreaterThan(4)
    expect(addressOf(proxies, '10.0.0.8')).toBe('203.0.113.9')
    proxies.close()
  })

  test('is looked up as this machine resolves names', async () => {
    const proxies = createProxies({ trusted: ['localhost'] }, log)
    await proxies.ready
    expect(addressOf(proxies, '127.0.0.1')).toBe('203.0.113.9')
    proxies.close()
  })
})

test.each(['caddy', 'caddy.internal', '10.0.0.7', '10.1.0.0/16', 'fd00::/8', 'loopback'])(
  '%s can be trusted',
  (entry) => {
    expect(proxyList.parse(entry)).toEqual([entry])
  },
)

test.each(['300.1.1.1', '10.0.0.0/99', '10.0.0.0/0', 'a b', '*', 'http://caddy', 'caddy:80', '-'])(
  '%s cannot',
  (entry) => {
    expect(proxyList.safeParse(entry).error?.issues[0]?.message).toMatch(/^must be addresses/)
  },
)
