import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { renderNginxConfig } from '../../gateway/render-nginx-config.ts'
import { routes } from '../../gateway/routes.ts'
import { readGatewayValues } from '../image/write-nginx-config.ts'
import { fillIn, readCompose } from './compose-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'sotto-gateway-'))
const environment = Object.fromEntries(
  Object.entries({
    ...readCompose().services.gateway?.environment,
    GATEWAY_SECRET_FILE: join(folder, 'gateway_secret'),
  }).map(([name, value]) => [name, fillIn(value, { PUBLIC_URL: 'https://chat.example.org' })]),
)
const secret = 'b7Kx2mQz90Vr-g4t3w4y-of-the-tests'
const behindProxy = {
  ...environment,
  TLS_CERTIFICATE: '',
  TLS_KEY: '',
  GATEWAY_TRUSTED_PROXIES: '10.0.0.0/8',
}

beforeAll(() => {
  writeFileSync(join(folder, 'gateway_secret'), `${secret}\n`)
  const options = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=localhost']
  execFileSync('openssl', ['req', ...options, '-keyout', 'tls_key', '-out', 'tls_certificate'], {
    cwd: folder,
    stdio: 'pipe',
  })
})
afterAll(() => rmSync(folder, { recursive: true }))

/** NGINX's verdict on the configuration, with names and paths that exist on this machine. */
async function check(env: NodeJS.ProcessEnv): Promise<string> {
  // The module comes from a package in the image.
  const { brotliModule: _, ...values } = readGatewayValues(env)
  const text = await renderNginxConfig({ ...values, maxOpenFiles: 1024 })
  const here = text
    .replaceAll('/run/secrets', folder)
    .replaceAll('/run/sotto', folder)
    .replaceAll(/\b(?:auth|chat-\d|websocket-\d):(\d+)/g, '127.0.0.1:$1')
    .replace('/dev/stdout', join(folder, 'access.log'))
    // NGINX binds ports even if it only checks.
    .replaceAll(/listen 0\.0\.0\.0:(\d+)/g, `listen unix:${folder}/$1.sock`)
  const file = join(folder, 'nginx.conf')
  writeFileSync(file, here)
  execFileSync('nginx', ['-t', '-e', 'stderr', '-c', file], { stdio: 'pipe' })
  return text
}

test("NGINX accepts Compose's configuration, which sends every path to its service", async () => {
  const text = await check(environment)
  for (const { path, service } of routes) {
    expect(text).toMatch(
      new RegExp(`location [=^~]+ ${path}[^{]*\\{\\s+proxy_pass http://${service};`),
    )
  }
  expect(text).toContain(`proxy_set_header x-sotto-gateway ${secret};`)
  expect(text).toContain('listen 0.0.0.0:8443 ssl')
  expect(text).toContain('return 308 https://chat.example.org$request_uri;')
  for (const server of ['auth:8081', 'chat-1:8083', 'chat-2:8083', 'websocket-2:8082']) {
    expect(text).toContain(`server ${server} `)
  }
})

test('behind a proxy that terminates TLS, NGINX serves on its plain port', async () => {
  const text = await check(behindProxy)
  expect(text).not.toContain('ssl')
  expect(text).toContain('set_real_ip_from 10.0.0.0/8;')
})

test('refuses to start without its secret, with a weak one, or with one that would break out', () => {
  for (const GATEWAY_SECRET of ['', 'short', `${secret};`, `${secret} $remote_addr`]) {
    const env = { ...environment, GATEWAY_SECRET_FILE: '', GATEWAY_SECRET }
    expect(() => readGatewayValues(env), GATEWAY_SECRET).toThrow(/^GATEWAY_SECRET: /)
  }
})

test('rejects a proxy by name, which NGINX would resolve only once', () => {
  const env = { ...behindProxy, GATEWAY_TRUSTED_PROXIES: '10.0.0.0/8,caddy' }
  expect(() => readGatewayValues(env)).toThrow(/^GATEWAY_TRUSTED_PROXIES[.\d]*: must be addresses/)
})

test('refuses to start without TLS and without a proxy in front', () => {
  expect(() => readGatewayValues({ ...behindProxy, GATEWAY_TRUSTED_PROXIES: '' })).toThrow(
    /GATEWAY_TRUSTED_PROXIES/,
  )
})
