import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { authRequests, chatRequests, type Endpoint, WEBSOCKET_PATH } from '@sotto/wire'
import { expect, test } from 'vitest'
import { routes, serviceOf } from '../gateway/routes.ts'
import { listFiles, readSources, repository } from './source/source-files.ts'
import {
  badName,
  crowdedFolders,
  impatient,
  notRun,
  tooLong,
  unfinished,
  unsafeSql,
} from './source/style-rules.ts'

const sources = readSources()
const named = (path: string, text = '') => ({ path, text })

test('files are named after what they do, in kebab-case', () => {
  expect(sources.flatMap(({ path }) => badName(path))).toEqual([])
  expect(badName('packages/sdk/src/utils.ts')).toHaveLength(1)
  expect(badName('packages/sdk/src/common/ids.ts')).toHaveLength(1)
  expect(badName('apps/web/src/MessageBubble.tsx')).toHaveLength(1)
})

test('no file has more than 300 lines', () => {
  expect(sources.flatMap(tooLong)).toEqual([])
  expect(tooLong(named('packages/sdk/src/sending/send.ts', 'x\n'.repeat(301)))).toHaveLength(1)
})

test('no folder has more than 20 source files', () => {
  expect(crowdedFolders(listFiles())).toEqual([])
  const files = (count: number) =>
    Array.from({ length: count }, (_, n) => `packages/sdk/src/${n}.ts`)
  expect(crowdedFolders(files(20))).toEqual([])
  expect(crowdedFolders(files(21))).toHaveLength(1)
})

test('every test runs', () => {
  expect(sources.flatMap(notRun)).toEqual([])
  expect(notRun(named('tests/a.test.ts', `test.${'skip'}('a', () => {})`))).toHaveLength(1)
  expect(notRun(named('tests/a.test.ts', `describe.${'only'}('a', run)`))).toHaveLength(1)
})

test('no test has a shorter time limit than the others', () => {
  expect(sources.flatMap(impatient)).toEqual([])
  expect(impatient(named('tests/a.test.ts', `await vi.${'waitUntil'}(isDone)`))).toHaveLength(1)
  expect(impatient(named('tests/a.test.ts', '}, 30_000)'))).toHaveLength(1)
  expect(impatient(named('tests/a.test.ts', `vi.setConfig({ ${'testTimeout'}: 1 })`))).toHaveLength(
    1,
  )
})

test('nothing is left unfinished', () => {
  expect(sources.flatMap(unfinished)).toEqual([])
  expect(unfinished(named('tests/a.test.ts', ['// TO', 'DO later'].join('')))).toHaveLength(1)
})

test('no SQL is assembled from text', () => {
  expect(sources.filter(({ path }) => !path.startsWith('tests/')).flatMap(unsafeSql)).toEqual([])
})

test.each([
  // biome-ignore lint/suspicious/noTemplateCurlyInString: source code in a string
  'await sql.unsafe(`select * from users where name = ${name}`)',
  'await sql.unsafe(query)',
  "await sql.unsafe('select * from users where name = ' + name)",
  `const query = 'delete from users where id = ' + id`,
  // biome-ignore lint/suspicious/noTemplateCurlyInString: source code in a string
  'const query = `\n  select id from users\n  where name = ${name}`',
])('detects assembled SQL: %s', (text) => {
  expect(unsafeSql(named('services/chat/src/store/users.ts', text))).not.toEqual([])
})

test.each([
  // biome-ignore lint/suspicious/noTemplateCurlyInString: source code in a string
  'await tx<User[]>`select id from users where name = ${name}`',
  "await sql.unsafe('select 1')",
])('accepts SQL with parameters: %s', (text) => {
  expect(unsafeSql(named('services/chat/src/store/users.ts', text))).toEqual([])
})

const endpoints: [service: string, endpoint: Endpoint][] = [
  ...Object.values(authRequests).map((endpoint) => ['auth', endpoint] as [string, Endpoint]),
  ...Object.values(chatRequests).map((endpoint) => ['chat', endpoint] as [string, Endpoint]),
]

test('the gateway sends every endpoint to its service, and the rest to the web app', () => {
  expect(endpoints.map(([, { path }]) => serviceOf(path))).toEqual(endpoints.map(([name]) => name))
  expect(serviceOf(WEBSOCKET_PATH)).toBe('websocket')
  expect(
    ['/', '/index.html', '/assets/index-1a2b.js', '/health', '/userspace'].map(serviceOf),
  ).toEqual(Array(5).fill(undefined))
  const isUsed = (path: string) => endpoints.some(([, { path: one }]) => one.startsWith(path))
  expect(routes.filter(({ path }) => !isUsed(path)).map(({ path }) => path)).toEqual(['/ws'])
})

test('PROTOCOL.md names every endpoint', () => {
  const text = readFileSync(join(repository, 'PROTOCOL.md'), 'utf8')
  const missing = endpoints.filter(([, { method, path }]) => !text.includes(`${method} ${path}`))
  expect(missing.map(([, { method, path }]) => `${method} ${path}`)).toEqual([])
})
