import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readAuthConfig } from '@sotto/auth'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { repository } from '../../tests/source/source-files.ts'
import { readCompose } from './compose-file.ts'
import { programs } from './service-variables.ts'

const folder = mkdtempSync(join(tmpdir(), 'sotto-secrets-'))
const make = () =>
  execFileSync(join(repository, 'node_modules/.bin/node'), ['deploy/make-secrets.ts', folder], {
    cwd: repository,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
const read = (name: string) => readFileSync(join(folder, name), 'utf8')

beforeAll(() => void make())
afterAll(() => rmSync(folder, { recursive: true }))

test('every secret that compose reads is made, and nobody else on the machine can enter', () => {
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
  })
  expect(config.madeUp).toEqual([])
  expect(config.databaseUrl).toMatch(/^postgres:\/\/sotto_auth:[\w-]{43}@postgres:5432\/sotto$/)
})

test('RabbitMQ is made with the user that the services have', () => {
  const { username, password, pathname } = new URL(read('rabbitmq_url'))
  expect(read('rabbitmq.conf').trim().split('\n')).toEqual([
    `default_vhost = ${pathname.slice(1)}`,
    `default_user = ${username}`,
    `default_pass = ${password}`,
  ])
})

test('the ways of codes that it suggests exist', () => {
  const named = [...read('senders.env').matchAll(/^# ([A-Z_]+)=/gm)].map(([, name = '']) => name)
  expect(named.length).toBeGreaterThan(8)
  const { shape } = programs['services/auth/src/main.ts']
  const unknown = named.filter((name) => !(name.replace(/_FILE$/, '') in shape))
  expect(unknown).toEqual([])
})

test('what is there already is kept, and two installations have nothing in common', () => {
  const before = readdirSync(folder).map(read)
  expect(make()).toBe('')
  expect(readdirSync(folder).map(read)).toEqual(before)
  const other = mkdtempSync(join(tmpdir(), 'sotto-secrets-'))
  execFileSync(join(repository, 'node_modules/.bin/node'), ['deploy/make-secrets.ts', other], {
    cwd: repository,
    stdio: 'ignore',
  })
  const equal = readdirSync(folder).filter(
    (name) => readFileSync(join(other, name), 'utf8') === read(name),
  )
  rmSync(other, { recursive: true })
  expect(equal).toEqual(['senders.env', 'smtp_url', 'twilio_auth_token'])
})
