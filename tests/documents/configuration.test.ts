import { readFileSync } from 'node:fs'
import { authVariables, readAuthConfig } from '@sotto/auth'
import { chatVariables, readChatConfig } from '@sotto/chat'
import { ConfigError, type Env, readConfig } from '@sotto/service-runtime'
import { readWebsocketConfig, websocketVariables } from '@sotto/websocket'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { adminVariables } from '../../apps/admin/src/config.ts'
import { backupVariables } from '../../apps/all-in-one/src/backup/backup-keys.ts'
import { allInOneVariables, readAllInOneConfig } from '../../apps/all-in-one/src/config.ts'
import { clusterVariables, readClusterConfig } from '../../apps/cluster/src/config.ts'
import { Environment as migrateVariables } from '../../deploy/image/migrate.ts'
import { Environment as gatewayVariables } from '../../deploy/image/write-nginx-config.ts'
import { readCompose } from '../../deploy/tests/compose-file.ts'

/** The variables that each program reads. */
const programs = {
  auth: authVariables,
  chat: chatVariables,
  websocket: websocketVariables,
  start: allInOneVariables,
  cluster: clusterVariables,
  migrate: migrateVariables,
  gateway: gatewayVariables,
  backup: backupVariables,
  admin: adminVariables,
}
type Program = keyof typeof programs

interface Row {
  readonly name: string
  readonly default: string
  readonly needed: string
}

const document = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8')
const lines = document.split('\n').filter((line) => line.startsWith('| `'))

/** The table rows about a program, by variable name. */
function documented(program: string): Row[] {
  return lines.flatMap((line) => {
    const [name = '', of = '', given = '', needed = ''] = line
      .split('|')
      .slice(1)
      .map((cell) => cell.trim().replaceAll('`', ''))
    return of.split(', ').includes(program) ? [{ name, default: given, needed }] : []
  })
}

function inCode(program: Program): Row[] {
  return Object.entries(programs[program].shape).map(([name, schema]) => {
    const absent = schema.safeParse(undefined)
    const value = absent.success && absent.data !== undefined ? String(absent.data) : ''
    return { name, default: value, needed: absent.success ? '' : 'always' }
  })
}

const byName = (one: Row, other: Row) => one.name.localeCompare(other.name)

describe.each(Object.keys(programs) as Program[])('%s', (program) => {
  test('reads the variables in the tables, with these defaults', () => {
    const rows = documented(program).map((row) => ({
      ...row,
      needed: row.needed === 'production' ? '' : row.needed,
    }))
    expect(rows.toSorted(byName)).toEqual(inCode(program).toSorted(byName))
  })
})

const readers: Partial<Record<Program, (env: Env) => unknown>> = {
  auth: readAuthConfig,
  chat: readChatConfig,
  websocket: readWebsocketConfig,
  start: readAllInOneConfig,
  cluster: readClusterConfig,
}
/** Variables that accept any text until they are used. */
const ofAnyForm = [
  'ADMIN_LOG',
  'AUTH_OPAQUE_SETUP',
  'AUTH_SIGNING_KEY',
  'SOTTO_CLUSTER_DATA',
  'SOTTO_DATA',
  'TLS_CERTIFICATE',
  'TLS_KEY',
]
/** Invalid for every variable with a fixed form. */
const rubbish = 'rub "bish"\u0007; at all'

describe.each(Object.keys(programs) as Program[])('%s', (program) => {
  const { shape } = programs[program]
  const withForm = Object.keys(shape).filter((name) => !ofAnyForm.includes(name))

  test.each(withForm)('rejects an invalid %s by name, with its form and an example', (name) => {
    const read = () =>
      readConfig(z.object({ [name]: shape[name as keyof typeof shape] }), { [name]: rubbish })
    expect(read).toThrow(ConfigError)
    // A list of allowed values is its own example.
    const form = '(must|may) (be|have)'
    const example = '( like |: (npx|openssl) | or |production)'
    expect(read).toThrow(new RegExp(`^${name}: ${form}.*${example}`))
    expect(read).not.toThrow(/rub/)
  })
})

test.each([
  ['start', 'PUBLIC_URL', 'https://example.org/chat'],
  ['auth', 'PUBLIC_URL', 'https://example.org/chat/'],
  ['chat', 'PUBLIC_URL', 'https://example.org?chat'],
  ['websocket', 'PUBLIC_URL', 'https://example.org/#chat'],
  ['cluster', 'PUBLIC_URL', 'https://user:pass@example.org'],
  ['gateway', 'PUBLIC_URL', 'https://example.org/chat'],
  ['start', 'ALLOWED_ORIGINS', 'https://a.example.org,https://b.example.org/chat'],
  ['chat', 'AUTH_URL', 'http://auth:8081/behind'],
  ['websocket', 'AUTH_INTERNAL_URL', 'http://auth:9081/behind'],
] as const)('%s rejects %s=%s instead of dropping a part of it', (program, name, value) => {
  const { shape } = programs[program]
  const read = () =>
    readConfig(z.object({ [name]: shape[name as keyof typeof shape] }), { [name]: value })
  expect(read).toThrow(
    new RegExp(`^${name}: must be like https://chat.example.org, without a path`),
  )
})

const ownPassword = '4f9c1e7a2b8d6035'
const always = {
  NODE_ENV: 'production',
  AUTH_DATABASE_URL: `postgres://sotto_auth:${ownPassword}@db/sotto`,
  CHAT_DATABASE_URL: `postgres://sotto_chat:${ownPassword}@db/sotto`,
  RABBITMQ_URL: `amqp://sotto:${ownPassword}@mq/sotto`,
}

async function refusalOf(read: (env: Env) => unknown, env: Env): Promise<string[]> {
  try {
    await read(env)
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.message.split('\n')
  }
}

describe.each(Object.entries(readers))('%s in production', (program, read) => {
  test('requires the variables in the tables', async () => {
    const missing = documented(program).filter(({ needed }) => needed === 'production')
    const expected = missing.map(({ name }) => `${name}: must be set in production`)

    // Some continue with the allowed values.
    const refused = (await refusalOf(read, always)).map((line) =>
      line.replace(/(?<=in production)[,:].*/, ''),
    )
    expect(refused.toSorted()).toEqual(expected.toSorted())
  })

  test.each([
    ['PUBLIC_URL', 'http://chat.example.org', 'must begin with https:// in production'],
    ['ALLOWED_ORIGINS', 'https://*.example.org', 'must not contain a wildcard in production'],
    ['RATE_LIMIT_FACTOR', '2', 'must be 1 in production'],
    ['RABBITMQ_URL', 'amqp://guest:guest@mq', 'must name a user other than guest in production'],
  ])('rejects %s=%s if it reads it', async (name, value, reason) => {
    const isRead = documented(program).some((row) => row.name === name)
    const refusal = await refusalOf(read, { ...always, [name]: value })

    expect(refusal.includes(`${name}: ${reason}`)).toBe(isRead)
  })
})

describe('deploy/compose.yaml', () => {
  test.each([
    ['chat-1', chatVariables],
    ['chat-2', chatVariables],
    ['websocket-1', websocketVariables],
    ['websocket-2', websocketVariables],
  ])('passes every setting that npm start has to %s', (name, { shape }) => {
    const environment = readCompose().services[name]?.environment ?? {}
    const settings = Object.keys(shape).filter((one) => one in allInOneVariables.shape)
    const isPassed = (one: string) => one in environment || `${one}_FILE` in environment

    // In production, the factor must be 1.
    expect(settings.filter((one) => !isPassed(one))).toEqual(['RATE_LIMIT_FACTOR'])
  })
})
