import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { describe, expect, test } from 'vitest'
import { repository } from '../../tests/source/source-files.ts'
import { readGatewayValues } from '../image/write-nginx-config.ts'
import { containersOf, environmentOf, podsOf } from './chart/pods.ts'
import { type Manifest, readYaml, renderChart, type Values } from './chart/render-chart.ts'
import { defaultOf, findFaults, programOf } from './service-variables.ts'

const folder = join(repository, 'deploy/helm/sotto')
const needed = {
  publicUrl: 'https://chat.example.org',
  signUp: 'invitation',
  trustedProxies: ['10.0.0.0/8'],
  senders: {
    variables: { MAIL_SENDER: 'smtp', SMTP_FROM: 'sotto@example.org' },
    secretFiles: { SMTP_URL_FILE: 'smtp_url' },
  },
}
const manifests = renderChart(folder, needed)
const named = (kind: string, name: string) =>
  manifests.find((one) => one.kind === kind && one.metadata.name === name) as Manifest

const faultsOf = (all: readonly Manifest[]) =>
  podsOf(all)
    .flatMap(({ spec }) => containersOf(spec))
    .flatMap((container) => findFaults(programOf(container.command), environmentOf(container)))

const validate = new Ajv().compile(readYaml(join(folder, 'values.schema.json')))

test('the values match their schema once the required ones are given, and not before', () => {
  const own = readYaml(join(folder, 'values.yaml'))
  expect(validate({ ...own, ...needed })).toBe(true)
  expect(validate(own)).toBe(false)
  for (const slip of [
    { publicUrl: 'http://chat.example.org' },
    { trustedProxies: [] },
    { signUp: 'anybody' },
    { publicURL: 'https://chat.example.org' },
    { senders: { variables: { MAIL_SENDER: 'terminal' }, secretFiles: {} } },
  ]) {
    expect(validate({ ...own, ...needed, ...slip }), JSON.stringify(slip)).toBe(false)
  }
})

test('every variable exists in the program that gets it, and no required one is missing', () => {
  expect(
    podsOf(manifests)
      .map(({ name }) => name)
      .sort(),
  ).toEqual(['sotto-auth', 'sotto-chat', 'sotto-gateway', 'sotto-migrations', 'sotto-websocket'])
  expect(faultsOf(manifests)).toEqual([])
})

test('finds a variable that no program knows', () => {
  const senders = { variables: { MAIL_SENDER: 'smtp', SMTP_FORM: 'x' }, secretFiles: {} }
  expect(faultsOf(renderChart(folder, { ...needed, senders }))).toEqual([
    'services/auth/src/main.ts does not know SMTP_FORM',
  ])
})

test.each([
  ['auth', 'TOKEN_AUDIENCE'],
  ['chat', 'TOKEN_AUDIENCE'],
  ['websocket', 'MAX_CONNECTIONS_PER_ADDRESS'],
  ['gateway', 'TLS_KEY'],
])('%s gets variables that the values do not name', (part, name) => {
  const own = readYaml(join(folder, 'values.yaml')) as Record<string, object>
  const changed = { ...needed, [part]: { ...own[part], variables: { [name]: '7' } } }
  expect(validate({ ...own, ...changed })).toBe(true)

  const given = podsOf(renderChart(folder, changed))
    .flatMap(({ spec }) => containersOf(spec))
    .map(environmentOf)
  expect(given.filter((environment) => environment[name] === '7')).toHaveLength(1)
})

test('an invalid value stops the chart', () => {
  const slip = { senders: { variables: {}, secretFiles: {} }, image: { service: 'x' } }
  expect(() => renderChart(folder, { ...needed, ...slip })).toThrow(/auth\.yaml/)
  expect(() => renderChart(folder, {})).toThrow(/publicUrl is needed/)
})

/** Addresses in variables that do not belong to a service of the chart. */
function strayAddresses(all: readonly Manifest[]): string[] {
  const services = all
    .filter(({ kind }) => kind === 'Service')
    .flatMap(({ metadata, spec }) => {
      const { ports } = spec as { ports: { port: number }[] }
      return ports.map(({ port }) => `${metadata.name}:${port}`)
    })
  const values = podsOf(all)
    .flatMap(({ spec }) => containersOf(spec))
    .flatMap((container) => Object.values(environmentOf(container)))
  const addresses = values.flatMap((value) => value.match(/\bsotto-[\w-]+:\d+/g) ?? [])
  expect(addresses.length).toBeGreaterThan(8)
  return [...new Set(addresses)].filter((address) => !services.includes(address))
}

test('every address belongs to a service of the chart', () => {
  expect(strayAddresses(manifests)).toEqual([])
  const withoutChat = manifests.filter(({ metadata }) => metadata.name !== 'sotto-chat')
  expect(strayAddresses(withoutChat).sort()).toEqual(['sotto-chat:8083', 'sotto-chat:9083'])
})

test('services lead to ports of containers, which match the code', () => {
  for (const { name, spec } of podsOf(manifests)) {
    for (const container of containersOf(spec)) {
      const environment = environmentOf(container)
      const program = programOf(container.command)
      const ports = (container.ports ?? []).map(({ containerPort }) => containerPort)
      const variables = Object.keys(environment).filter((variable) => /_PORT$/.test(variable))
      expect(ports.sort(), name).toEqual(
        variables.map((variable) => Number(environment[variable])).sort(),
      )
      for (const variable of variables) {
        expect(Number(environment[variable]), variable).toBe(defaultOf(program, variable))
      }
    }
  }
})

describe('every pod', () => {
  test.each(podsOf(manifests))('$name is not root and cannot write to its image', ({ spec }) => {
    expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000 })
    expect(spec.automountServiceAccountToken).toBe(false)
    for (const container of containersOf(spec)) {
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      })
      expect(container.resources).toHaveProperty('limits.memory')
    }
  })

  test.each(podsOf(manifests))('$name mounts exactly the secrets that it reads', ({ spec }) => {
    const items = (spec.volumes ?? []).flatMap(({ secret }) => secret?.items ?? [])
    const files = containersOf(spec)
      .flatMap((container) => Object.values(environmentOf(container)))
      .filter((value) => value.startsWith('/run/secrets/sotto/'))
      .map((value) => value.slice('/run/secrets/sotto/'.length))
    expect(items.map(({ path }) => path).sort()).toEqual(files.sort())
  })

  test.each(podsOf(manifests))('$name gets the time that its program needs', ({ spec }) => {
    const file = join(repository, 'packages/service-runtime/src/process/run-service.ts')
    const within = /CLOSE_WITHIN_MS = ([\d_]+)/.exec(readFileSync(file, 'utf8'))?.[1]
    const seconds = Number(within?.replaceAll('_', '')) / 1000
    const { shutdownDelaySeconds } = readYaml(join(folder, 'values.yaml'))
    expect(spec.terminationGracePeriodSeconds).toBeGreaterThan(
      seconds + Number(shutdownDelaySeconds) + 5,
    )
  })
})

test('services are probed where the gateway does not reach, and only for their own state', () => {
  for (const name of ['auth', 'chat', 'websocket']) {
    const [pod] = podsOf(manifests).filter((one) => one.name === `sotto-${name}`)
    const [container] = containersOf(pod?.spec)
    for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe'] as const) {
      expect(container?.[probe]?.httpGet).toEqual({ path: '/ready', port: 'internal' })
    }
  }
})

test("the gateway is probed for its own state, whatever the services' state, and gets its time", () => {
  const [pod] = podsOf(manifests).filter(({ name }) => name === 'sotto-gateway')
  const [container] = containersOf(pod?.spec)
  for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe'] as const) {
    expect(container?.[probe]?.httpGet).toEqual({ path: '/live', port: 'http' })
  }
  const { closeWithinSeconds = Number.POSITIVE_INFINITY } = readGatewayValues({
    ...(container && environmentOf(container)),
    GATEWAY_SECRET_FILE: '',
    GATEWAY_SECRET: 'b7Kx2mQz90Vr-g4t3w4y-of-the-tests',
  })
  const { shutdownDelaySeconds } = readYaml(join(folder, 'values.yaml'))
  expect(pod?.spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(
    Number(shutdownDelaySeconds) + closeWithinSeconds + 5,
  )
})

test('only the gateway is reachable from outside', () => {
  const services = manifests.filter(({ kind }) => kind === 'Service')
  for (const { spec } of services) expect(spec).not.toHaveProperty('type')
  const { rules } = named('Ingress', 'sotto').spec as {
    rules: { host: string; http: { paths: { backend: { service: { name: string } } }[] } }[]
  }
  expect(rules.map(({ host }) => host)).toEqual(['chat.example.org'])
  expect(
    rules.flatMap(({ http }) => http.paths.map(({ backend }) => backend.service.name)),
  ).toEqual(['sotto-gateway'])
})

test('policies cover every pod, and only named callers may reach a service', () => {
  const policies = manifests.filter(({ kind }) => kind === 'NetworkPolicy')
  for (const name of ['nothing', 'auth', 'chat', 'gateway', 'migrations', 'websocket']) {
    expect(policies.map(({ metadata }) => metadata.name)).toContain(`sotto-${name}`)
  }
  const chat = named('NetworkPolicy', 'sotto-chat').spec as { ingress: { from: unknown[] }[] }
  expect(chat.ingress.every(({ from }) => from.length > 0)).toBe(true)
  expect(renderChart(folder, { ...needed, networkPolicy: { enabled: false } })).toHaveLength(
    manifests.length - policies.length,
  )
})

test('the gateway has an address for every possible websocket instance', () => {
  const values: Values = { ...needed, websocket: { autoscaling: { maxReplicas: 3 } } }
  const all = renderChart(folder, values, 'chat')
  const [pod] = podsOf(all).filter(({ name }) => name === 'chat-gateway')
  const [container] = containersOf(pod?.spec)
  expect(container && environmentOf(container).WEBSOCKET_INSTANCES).toBe(
    'chat-websocket-0:8082,chat-websocket-1:8082,chat-websocket-2:8082',
  )
})

test('the gateway authenticates to every service, and the migrations do not know its secret', () => {
  const knowing = podsOf(manifests).filter(({ spec }) =>
    containersOf(spec).some((container) => 'GATEWAY_SECRET_FILE' in environmentOf(container)),
  )
  expect(knowing.map(({ name }) => name).sort()).toEqual([
    'sotto-auth',
    'sotto-chat',
    'sotto-gateway',
    'sotto-websocket',
  ])
})

test("the operator's commands reach auth locally, and chat, with one token", () => {
  const environments = Object.fromEntries(
    podsOf(manifests).map(({ name, spec }) => [
      name,
      Object.assign({}, ...containersOf(spec).map(environmentOf)),
    ]),
  )
  const knowing = Object.keys(environments).filter(
    (name) => 'ADMIN_TOKEN_FILE' in environments[name],
  )
  expect(knowing.sort()).toEqual(['sotto-auth', 'sotto-chat'])
  expect(environments['sotto-auth']).toMatchObject({
    ADMIN_CHAT_URLS: 'http://sotto-chat:9083',
    ADMIN_LOG: '/proc/1/fd/1',
  })
  // Only auth and the monitoring may connect there, and not the gateway.
  const { ingress } = named('NetworkPolicy', 'sotto-chat').spec as {
    ingress: { from: object[]; ports: { port: number }[] }[]
  }
  const internal = ingress.filter(({ ports }) => ports.some(({ port }) => port === 9083))
  const allowed = JSON.stringify(internal.map(({ from }) => from))
  expect(internal).toHaveLength(2)
  expect(allowed).toContain('"app.kubernetes.io/component":"auth"')
  expect(allowed).not.toContain('gateway')
  const { egress } = named('NetworkPolicy', 'sotto-auth').spec as { egress: object[] }
  expect(JSON.stringify(egress)).toContain('9083')
})

test('secrets are referenced, never contained', () => {
  expect(manifests.filter(({ kind }) => kind === 'Secret')).toEqual([])
})
