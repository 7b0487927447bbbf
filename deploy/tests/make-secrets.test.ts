import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { readAuthConfig } from '@sotto/auth'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { repository } from '../../tests/source/source-files.ts'
import { readCompose } from './compose-file.ts'
import { programs } from './service-variables.ts'

const folder = mkdtempSync(join(tmpdir(), 'sotto-secrets-'))
const other = mkdtempSync(join(tmpdir(), 'sotto-secrets-'))
const node = join(repository, 'node_modules/.bin/node')

async function make(into: string): Promise<string> {
  const { stdout } = await promisify(execFile)(node, ['deploy/make-secrets.ts', into], {
    cwd: repository,
  })
  return stdout
}

const read = (name: string) => readFileSync(join(folder, name), 'utf8')

beforeAll(async () => void (await Promise.all([make(folder), make(other)])))
afterAll(() => {
  for (const one of [folder, other]) rmSync(one, { recursive: true })
})

test('creates every secret that Compose reads, accessible to no one else on the machine', () => {
  const wanted = Object.values(readCompose().secrets).map(({ file }) =>
    file.replace('secrets/', ''),
  )
  expect(readdirSync(folder)).toEqual(expect.arrayContaining([...wanted, 'rabbitmq.conf']))
  expect(statSync(folder).mode & 0o777).toBe(0o700)
})

test('the auth service starts with them in production', async () => {
  const auth = readCompose().services.auth
  const files = Object.entries(auth?.environment ?? {})
    .filter(([name]) => name.endsWith('_FILE'))
    .map(([name, file]) => [name, file.replace('/run/secrets', folder)])
  const config = await readAuthConfig({
    ...Object.fromEntries(files),
    NODE_ENV: 'production',
    PUBLIC_URL: 'https://chat.example.org',
    SIGN_UP: 'invitation',
  })
  expect(config.madeUp).toEqual([])
  expect(config.databaseUrl).toMatch(/^postgres:\/\/sotto_auth:[\w-]{43}@postgres:5432\/sotto$/)
})

test("backups reach the database at its container's address", () => {
  const { networks } = readCompose().services.postgres ?? {}
  const address = Array.isArray(networks) ? undefined : networks?.inside?.ipv4_address
  const { username, password, host, pathname } = new URL(read('postgres_url'))
  expect({ username, host, pathname }).toEqual({
    username: 'postgres',
    host: `${address}:5432`,
    pathname: '/sotto',
  })
  expect(password).toBe(read('postgres_password'))
})

test("RabbitMQ is created with the services' user", () => {
  const { username, password, pathname } = new URL(read('rabbitmq_url'))
  expect(read('rabbitmq.conf').trim().split('\n')).toEqual([
    `default_vhost = ${pathname.slice(1)}`,
    `default_user = ${username}`,
    `default_pass = ${password}`,
  ])
})

test('the suggested senders exist', () => {
  const named = [...read('senders.env').matchAll(/^# ([A-Z_]+)=/gm)].map(([, name = '']) => name)
  expect(named.length).toBeGreaterThan(8)
  const { shape } = programs['services/auth/src/main.ts']
  const unknown = named.filter((name) => !(name.replace(/_FILE$/, '') in shape))
  expect(unknown).toEqual([])
})

test('existing files are kept', async () => {
  const before = readdirSync(folder).map(read)
  expect(await make(folder)).toBe('')
  expect(readdirSync(folder).map(read)).toEqual(before)
})

test('two installations share no secret', () => {
  const equal = readdirSync(folder).filter(
    (name) => readFileSync(join(other, name), 'utf8') === read(name),
  )
  expect(equal).toEqual(['senders.env', 'smtp_ca', 'smtp_url', 'twilio_auth_token'])
})
