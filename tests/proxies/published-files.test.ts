import { readFile } from 'node:fs/promises'
import { HEARTBEAT_SECONDS } from '@sotto/wire'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { domain, kinds, type ProxyName, publishedFile } from './start-proxy.ts'

const units: Record<string, number> = { s: 1, m: 60, h: 3_600 }
const AN_HOUR = 3_600

/** The seconds in each line that begins with one of these words. */
async function secondsIn(name: ProxyName, ...words: string[]): Promise<number[]> {
  const text = await readFile(publishedFile(name), 'utf8')
  return words.map((word) => {
    const [, count, unit = ''] = new RegExp(`^\\s*${word} (\\d+)([smh]);?$`, 'm').exec(text) ?? []
    return Number(count) * (units[unit] ?? Number.NaN)
  })
}

test('a WebSocket may be silent for an hour, and is for half a minute at most', async () => {
  const haproxy = await secondsIn('haproxy', 'timeout tunnel')
  const nginx = await secondsIn('nginx', 'proxy_read_timeout', 'proxy_send_timeout')
  expect([...haproxy, ...nginx]).toEqual([AN_HOUR, AN_HOUR, AN_HOUR])
  expect(HEARTBEAT_SECONDS).toBeLessThan(AN_HOUR)
  // Caddy has no such limit by default.
  expect(await readFile(publishedFile('caddy'), 'utf8')).not.toMatch(/timeout/)
})

/** Sotto's own answers contain `Keep-Alive: timeout=72`. */
const LET_GO_AFTER = 72

test('a proxy closes idle connections to Sotto before Sotto does', async () => {
  const seconds = [
    ...(await secondsIn('caddy', 'keepalive')),
    ...(await secondsIn('nginx', 'keepalive_timeout')),
  ]
  expect(seconds).toEqual([60, 60])
  for (const one of seconds) expect(one).toBeLessThan(LET_GO_AFTER)
  // HAProxy does so after 5 seconds by default.
  expect(await readFile(publishedFile('haproxy'), 'utf8')).not.toMatch(/pool-purge-delay/)
})

test('each file says with which settings Sotto runs behind it', async () => {
  const settings = `PUBLIC_URL=https://${domain} TRUSTED_PROXIES=127.0.0.1`
  for (const name of Object.keys(kinds) as ProxyName[]) {
    expect(await readFile(publishedFile(name), 'utf8'), name).toContain(settings)
  }
})

test('the configuration for Traefik has the format of its file provider', async () => {
  const file = new URL('../../deploy/proxies/traefik.yaml', import.meta.url)
  const { http } = parse(await readFile(file, 'utf8'))
  const { routers, services, middlewares } = http
  for (const router of Object.values<Record<string, string[]>>(routers)) {
    expect(router.rule).toBe(`Host(\`${domain}\`)`)
    expect(Object.keys(services)).toContain(router.service)
    for (const one of router.middlewares ?? []) expect(Object.keys(middlewares)).toContain(one)
  }
  expect(services.sotto.loadBalancer.servers).toEqual([{ url: 'http://127.0.0.1:8080' }])
})
