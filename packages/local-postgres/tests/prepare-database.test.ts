import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { connect, migrate, prepareSchema, type Sql } from '@sotto/service-runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../src/embedded-postgres.ts'
import { type DatabaseUrls, prepareDatabase } from '../src/prepare-database.ts'

const passwords = { auth: 'the password of auth', chat: 'the password of chat' }
const migrations = (service: 'auth' | 'chat') =>
  fileURLToPath(new URL(`../../../services/${service}/src/migrations/`, import.meta.url))

let dataFolder: string
let postgres: EmbeddedPostgres
let urls: DatabaseUrls
let admin: Sql
let chat: Sql

// Roles belong to a whole PostgreSQL, so these tests use a separate one. It begins as the first
// version left it: the services' roles own the schemas, and there is a row.
beforeAll(async () => {
  dataFolder = join(tmpdir(), `sotto-test-${randomBytes(8).toString('hex')}`)
  postgres = await startEmbeddedPostgres({ dataFolder })
  const outside = open(postgres.url)
  await outside`create database sotto`
  await outside.end()
  admin = open(Object.assign(new URL(postgres.url), { pathname: '/sotto' }).href)
  for (const service of ['auth', 'chat'] as const) {
    const role = `sotto_${service}`
    await admin`create role ${admin(role)} login password 'of the first version'`
    await admin`create schema ${admin(service)} authorization ${admin(role)}`
    const own = open(
      Object.assign(new URL(postgres.url), {
        pathname: '/sotto',
        username: role,
        password: 'of the first version',
      }).href,
    )
    await migrate(own, { schema: service, folder: migrations(service) })
    if (service === 'chat') {
      await own`insert into chat.boxes values (gen_random_uuid(), 'keys', 1, 'sealed')`
    }
    await own.end()
  }

  urls = await prepareDatabase(postgres.url, passwords)
  chat = open(urls.chat)
  await prepareSchema({
    sql: chat,
    ownerUrl: urls.chatOwner,
    schema: 'chat',
    folder: migrations('chat'),
  })
})

afterAll(async () => {
  await chat.end({ timeout: 1 })
  await admin.end({ timeout: 1 })
  await postgres.stop()
  await rm(dataFolder, { recursive: true, force: true })
})

function open(url: string) {
  return connect(url, { maxConnections: 1, applicationName: 'test' })
}

test('transfers a database of the first version to its owners with everything in it', async () => {
  const owners = await admin<{ name: string; owner: string }[]>`
    select relname as name, relowner::regrole::text as owner from pg_class
    where relnamespace in ('auth'::regnamespace, 'chat'::regnamespace)`

  expect(owners.length).toBeGreaterThan(20)
  expect(new Set(owners.map(({ owner }) => owner))).toEqual(
    new Set(['sotto_auth_owner', 'sotto_chat_owner']),
  )
  expect(await chat`select ciphertext from chat.boxes`).toEqual([{ ciphertext: 'sealed' }])
})

test('can prepare an existing database again', async () => {
  const again = await prepareDatabase(postgres.url, passwords)

  expect(again.chat).toBe(urls.chat)
  expect(await chat`select count(*) from chat.boxes`).toEqual([{ count: 1 }])
})

test("a service's role reads and writes the rows of its own schema", async () => {
  await chat`insert into chat.boxes values (gen_random_uuid(), 'contacts', 1, 'more')`
  await chat`update chat.boxes set version = 2 where ciphertext = 'more'`
  await chat`delete from chat.boxes where ciphertext = 'more'`
  await chat`insert into chat.event_outbox (event) values ('x')`
  await chat`delete from chat.event_outbox`
})

test.each([
  'select * from auth.accounts',
  "insert into auth.wraps values (gen_random_uuid(), 'password', 'x')",
  'create table chat.mine ()',
  'create schema mine',
  'create table public.mine ()',
  'create temporary table mine ()',
  'create database mine',
  'create role mine',
  'drop table chat.boxes',
  'drop schema chat cascade',
  'truncate chat.boxes',
  'alter table chat.boxes disable trigger all',
  'create trigger t after insert on chat.boxes execute function suppress_redundant_updates_trigger()',
  "update chat.migrations set sha256 = ''",
  'alter role sotto_chat superuser',
  'alter role sotto_chat connection limit -1',
  'alter role sotto_auth password null',
  'set role sotto_chat_owner',
  'set role postgres',
  'select * from pg_authid',
  "select pg_read_file('postgresql.conf')",
  "copy chat.boxes to '/tmp/boxes'",
  "copy chat.boxes from program 'true'",
  'alter system set fsync = off',
  'select pg_terminate_backend(pid) from pg_stat_activity where usename = $$postgres$$',
])('the role of the chat service may not: %s', async (statement) => {
  await expect(chat.unsafe(statement)).rejects.toThrow(/permission denied|must be|only roles|ADMIN/)
})

test("no service can reach the other's schema or the maintenance database", async () => {
  const auth = open(urls.auth)
  await expect(auth`select * from chat.boxes`).rejects.toThrow('permission denied')
  await auth.end()
  const outside = open(Object.assign(new URL(urls.chat), { pathname: '/postgres' }).href)
  await expect(outside`select 1`).rejects.toThrow('permission denied')
  await outside.end()
})

test('roles are limited in connections, time and waiting', async () => {
  const roles = await admin<{ name: string; connections: number; settings: string[] }[]>`
    select rolname as name, rolconnlimit as connections, setconfig as settings
    from pg_roles join pg_db_role_setting on setrole = pg_roles.oid
    where rolname like 'sotto%' order by rolname`

  const settings = ['statement_timeout=15s', 'lock_timeout=10s']
  const all = [...settings, 'idle_in_transaction_session_timeout=15s']
  expect(roles).toEqual([
    { name: 'sotto_auth', connections: 40, settings: all },
    { name: 'sotto_auth_owner', connections: 3, settings: all },
    { name: 'sotto_chat', connections: 50, settings: all },
    { name: 'sotto_chat_owner', connections: 3, settings: all },
  ])
})
