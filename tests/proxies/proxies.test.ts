import { once } from 'node:events'
import { type IncomingHttpHeaders, request as requestPlainly } from 'node:http'
import { Agent, request } from 'node:https'
import { buffer } from 'node:stream/consumers'
import { MAX_BODY_BYTES } from '@sotto/wire'
import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { startBackend } from '../gateway/start-gateway.ts'
import { talkThrough } from '../network/talk-through.ts'
import { ServerBehindProxy } from './server-behind-proxy.ts'
import {
  domain,
  kinds,
  newProxyPorts,
  type ProxyName,
  type RunningProxy,
  startProxy,
} from './start-proxy.ts'

const secret = 's3cr3t-of-a-proxy-b7Kx2mQz90VrT4'
const names = Object.keys(kinds) as ProxyName[]

interface Visit {
  readonly method?: string
  readonly path?: string
  readonly headers?: Record<string, string>
  readonly body?: string
  /** The visitor's address. */
  readonly from?: string
}

/** A proxy's answer to a visitor, byte for byte. */
async function visit(proxy: RunningProxy, { method, path, headers, body = '', from }: Visit) {
  const outgoing = request({
    host: '127.0.0.1',
    port: proxy.httpsPort,
    servername: domain,
    ca: proxy.certificate,
    localAddress: from,
    method: method ?? 'GET',
    path: path ?? '/',
    headers: {
      host: domain,
      ...(body && {
        'content-length': Buffer.byteLength(body),
        'content-type': 'application/json',
      }),
      ...headers,
    },
  }).end(body)
  return answerTo(outgoing)
}

async function answerTo(outgoing: ReturnType<typeof request>) {
  const [incoming] = await once(outgoing, 'response')
  const bytes = await buffer(incoming)
  const { statusCode: status, headers } = incoming as {
    statusCode: number
    headers: IncomingHttpHeaders
  }
  return { status, headers, bytes }
}

/** The result of a WebSocket connection: `open`, or the status of the refusal. */
async function tryWebSocket({ httpsPort, certificate }: RunningProxy, from: string) {
  const socket = new WebSocket(`wss://127.0.0.1:${httpsPort}/ws`, {
    headers: { host: domain },
    agent: new Agent({ ca: certificate, servername: domain }),
    localAddress: from,
  })
  try {
    return await Promise.race([
      once(socket, 'open').then(() => 'open'),
      once(socket, 'unexpected-response').then(([, { statusCode }]) => statusCode),
    ])
  } finally {
    socket.on('error', () => {}).terminate()
  }
}

/** Headers about one connection or the time, and those that a proxy may add. */
const ofTheWay = [
  'connection',
  'keep-alive',
  'transfer-encoding',
  'date',
  'server',
  'via',
  'alt-svc',
]

function withoutWay(headers: IncomingHttpHeaders) {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !ofTheWay.includes(name)))
}

describe.each(names)('%s in front', (name) => {
  test("two people communicate; limits and answers are Sotto's", async () => {
    await using server = await ServerBehindProxy.start(name, {
      GATEWAY_SECRET: secret,
      MAX_CONNECTIONS_PER_ADDRESS: '2',
    })
    const { proxy, sotto } = server
    // Only sent over TLS, which shows that Sotto trusts the proxy.
    const strict = { 'strict-transport-security': 'max-age=31536000' }
    expect((await visit(proxy, { path: '/health' })).headers).toMatchObject(strict)
    const phones = ['+4915123456701', '+4915123456702']
    const place = {
      origin: server.origin,
      newPhone: () => phones.pop() ?? '',
      codeFor: (address: string) => server.codeFor(address),
    }

    const opened = await talkThrough(place, async () => {
      // The two people use up the connections of their address.
      expect(await tryWebSocket(proxy, '127.0.0.1')).toBe(503)
      expect(await tryWebSocket(proxy, '127.0.0.2')).toBe('open')
    })
    expect(opened).toBe(0)

    const askForCode = (n: number, from: string) => {
      const body = JSON.stringify({ email: `visitor.${n}@example.org` })
      return visit(proxy, { method: 'POST', path: '/auth/email/start', body, from })
    }
    let asked = 0
    while ((await askForCode(asked, '127.0.0.3')).status === 200) asked += 1
    expect(asked).toBe(60)
    expect((await askForCode(asked, '127.0.0.4')).status).toBe(200)

    const html = (await visit(proxy, {})).bytes.toString()
    const script = html.match(/\/assets\/[\w-]+\.js/)?.[0] ?? ''
    const kept = (await visit(proxy, { path: script })).headers.etag ?? ''
    const visits = [
      {},
      { path: script },
      { path: script, headers: { 'accept-encoding': 'gzip' } },
      { path: script, headers: { 'accept-encoding': 'br, gzip' } },
      { path: script, headers: { 'if-none-match': kept } },
      { path: '/auth/channels', headers: { 'accept-encoding': 'br, gzip' } },
      { path: '/nothing/here' },
    ]
    for (const one of visits) {
      const { path = '/', headers = {} } = one
      const direct = await answerTo(
        requestPlainly(`${sotto.origin}${path}`, { headers }).end() as ReturnType<typeof request>,
      )
      const { status, headers: passed, bytes } = await visit(proxy, one)
      expect(withoutWay(passed), path).toEqual({ ...withoutWay(direct.headers), ...strict })
      expect({ path, status }).toEqual({ path, status: direct.status })
      expect(bytes.equals(direct.bytes), path).toBe(true)
      // A request on a connection that Sotto has just closed would fail.
      const letGoAfter = /timeout=(\d+)/.exec(String(direct.headers['keep-alive']))?.[1]
      expect(Number(letGoAfter)).toBe(72)
    }
    expect(proxy.printed()).not.toMatch(/temporary file/)
  })

  test('no visitor can fake an address; the largest body passes', async () => {
    await using disposing = new AsyncDisposableStack()
    const backend = await startBackend()
    disposing.defer(() => backend.close())
    const place = { ...(await newProxyPorts()), backend: backend.address, secret }
    await using proxy = await startProxy(name, place)

    const claims = {
      forwarded: 'for=6.6.6.6',
      'x-forwarded-for': '6.6.6.6',
      'x-forwarded-host': '6.6.6.6',
      'x-forwarded-port': '6666',
      'x-forwarded-proto': 'http',
      'x-real-ip': '6.6.6.6',
      'x-request-id': '6.6.6.6',
      'x-sotto-gateway': 'guessed',
    }
    const { status, bytes } = await visit(proxy, {
      method: 'POST',
      path: '/a/path?with=more',
      headers: claims,
      body: 'x'.repeat(MAX_BODY_BYTES),
      from: '127.0.0.2',
    })

    expect(status).toBe(200)
    expect(JSON.parse(bytes.toString())).toMatchObject({
      host: domain,
      'content-length': `${MAX_BODY_BYTES}`,
      'x-forwarded-for': '127.0.0.2',
      'x-forwarded-proto': 'https',
      'x-sotto-gateway': secret,
    })
    expect(bytes.toString()).not.toMatch(/6\.6\.6\.6|6666|guessed/)
    expect(backend.requests.map(({ url }) => url)).toEqual(['/a/path?with=more'])
    expect(proxy.printed()).not.toMatch(/temporary file/)
  })

  test('plain HTTP redirects to the same page over TLS', async () => {
    await using proxy = await startProxy(name, {
      ...(await newProxyPorts()),
      backend: '127.0.0.1:9',
    })
    const outgoing = requestPlainly({
      host: '127.0.0.1',
      port: proxy.httpPort,
      path: '/a/page?with=more',
      headers: { host: domain },
    }).end()
    const [{ statusCode, headers }] = await once(outgoing, 'response')
    expect(statusCode).toBe(308)
    expect(new URL(headers.location).hostname).toBe(domain)
    expect(headers.location).toMatch(/^https:.*\/a\/page\?with=more$/)
  })
})
