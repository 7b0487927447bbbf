import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { request as requestPlainly } from 'node:http'
import { request } from 'node:https'
import { json } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { MAX_BODY_BYTES } from '@sotto/wire'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { startBackend } from '../gateway/start-gateway.ts'
import { ServerProcess } from '../network/server-process.ts'
import { talkThrough } from '../network/talk-through.ts'
import { trustLocally } from '../network/trust-locally.ts'
import { domain, kinds, newProxyPorts, type RunningProxy, startProxy } from './start-proxy.ts'

const secret = 's3cr3t-of-a-proxy-b7Kx2mQz90VrT4'

/** Sends something through a proxy and returns what came out behind it: an echo of the headers. */
async function through({ httpsPort, certificate }: RunningProxy, headers: object, body = '') {
  const outgoing = request({
    host: '127.0.0.1',
    port: httpsPort,
    servername: domain,
    ca: certificate,
    method: 'POST',
    path: '/a/path?with=more',
    headers: { host: domain, 'content-length': Buffer.byteLength(body), ...headers },
  }).end(body)
  const [incoming] = await once(outgoing, 'response')
  return { status: incoming.statusCode, echo: (await json(incoming)) as Record<string, string> }
}

describe.each(Object.keys(kinds) as (keyof typeof kinds)[])('%s in front', (name) => {
  test('two people talk, and their connections last while nobody says anything', async () => {
    const ports = await newProxyPorts()
    await using sotto = await ServerProcess.start({
      PUBLIC_URL: `https://${domain}:${ports.httpsPort}`,
      TRUSTED_PROXIES: '127.0.0.1',
      GATEWAY_SECRET: secret,
      RATE_LIMIT_FACTOR: '100',
    })
    const backend = `127.0.0.1:${new URL(sotto.origin).port}`
    await using proxy = await startProxy(name, { ...ports, backend, secret })
    trustLocally(domain, proxy.certificate)
    // Only said over TLS: Sotto believes the proxy.
    const { headers } = await fetch(`${proxy.origin}/health`)
    expect(headers.get('strict-transport-security')).toBe('max-age=31536000')
    const phones = ['+4915123456701', '+4915123456702']
    const place = {
      origin: proxy.origin,
      newPhone: () => phones.pop() ?? '',
      codeFor: (address: string) => sotto.codeFor(address),
    }

    // Longer than anything but a WebSocket may be silent here.
    const opened = await talkThrough(place, () => sleep(3_000))

    expect(opened).toBe(0)
  })

  test('nobody can say where they come from; the largest body goes through', async () => {
    await using disposing = new AsyncDisposableStack()
    const backend = await startBackend()
    disposing.defer(() => backend.close())
    const place = { ...(await newProxyPorts()), backend: backend.address, secret }
    await using proxy = await startProxy(name, place)

    const forged = {
      forwarded: 'for=6.6.6.6',
      'x-forwarded-for': '6.6.6.6',
      'x-forwarded-proto': 'http',
      'x-real-ip': '6.6.6.6',
      'x-sotto-gateway': 'guessed',
    }
    const { status, echo } = await through(proxy, forged, 'x'.repeat(MAX_BODY_BYTES))

    expect(status).toBe(200)
    expect(echo).toMatchObject({
      host: domain,
      'content-length': `${MAX_BODY_BYTES}`,
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'https',
      'x-sotto-gateway': secret,
    })
    expect(JSON.stringify(echo)).not.toMatch(/6\.6\.6\.6|guessed/)
    expect(backend.requests.map(({ url }) => url)).toEqual(['/a/path?with=more'])
  })

  test('plain HTTP leads to the same page over TLS', async () => {
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

test('the configuration for Traefik has the form that its file provider reads', () => {
  const file = new URL('../../deploy/proxies/traefik.yaml', import.meta.url)
  const { http } = parse(readFileSync(file, 'utf8'))
  const { routers, services, middlewares } = http
  for (const router of Object.values<Record<string, string[]>>(routers)) {
    expect(router.rule).toBe(`Host(\`${domain}\`)`)
    expect(Object.keys(services)).toContain(router.service)
    for (const one of router.middlewares ?? []) expect(Object.keys(middlewares)).toContain(one)
  }
  expect(services.sotto.loadBalancer.servers).toEqual([{ url: 'http://127.0.0.1:8080' }])
})
