import { execFile } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import {
  type EmbeddedPostgres,
  prepareDatabase,
  startEmbeddedPostgres,
} from '@sotto/local-postgres'
import { connect, migrate, type Sql } from '@sotto/service-runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../../../tests/network/eventually.ts'
import { makeIdentity } from '../src/backup/backup-keys.ts'
import { dumpDatabase } from '../src/backup/dump-database.ts'
import { checkBackup } from '../src/backup/load-database.ts'
import { restoreBackup } from '../src/backup/restore-backup.ts'
import { sottoUrl } from '../src/backup/take-backup.ts'
import { verifyBackup } from '../src/backup/verify-backup.ts'

const ENVELOPES = 300
const odd = 'tab\t, break\n, backslash \\ and \\N, ünïcödé 👋'

/** encrypted-backup.test.ts covers encrypted backups. */
const plain = { recipients: [] }
const opened = (file: string) => ({ file, identities: [] })

let folder: string
let postgres: EmbeddedPostgres
let sql: Sql
let file: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sotto-backup-'))
  const dataFolder = join(tmpdir(), `sotto-test-${randomBytes(8).toString('hex')}`)
  postgres = await startEmbeddedPostgres({ dataFolder })
  const urls = await prepareDatabase(postgres.url, { auth: 'a'.repeat(32), chat: 'c'.repeat(32) })
  for (const schema of ['auth', 'chat'] as const) {
    const owner = connect(urls[`${schema}Owner`], { maxConnections: 1, applicationName: 'test' })
    const migrations = new URL(`../../../services/${schema}/src/migrations/`, import.meta.url)
    const grantTo = `sotto_${schema}`
    await migrate(owner, { schema, folder: fileURLToPath(migrations), grantTo })
    await owner.end()
  }
  sql = connect(sottoUrl(postgres.url), { maxConnections: 2, applicationName: 'test' })
  const [alice, bob, conversation] = [randomUUID(), randomUUID(), randomUUID()]
  for (const id of [alice, bob]) {
    await sql`
      insert into auth.accounts (id, email, created_at) values (${id}, ${`${id}@b.test`}, now())`
    await sql`
      insert into chat.accounts (account_id, record, record_version, name, search_name, picture, published_at)
      values (${id}, 'x.y.z', 1, ${odd}, ${odd}, ${Buffer.from([0, 1, 92, 255])}, 0)`
  }
  await sql`
    insert into chat.conversations (id, protocol, created_by, created_at, last_seq, active_at)
    values (${conversation}, 'ecdh', ${alice}, 0, ${ENVELOPES}, 0)`
  for (const id of [alice, bob]) {
    await sql`
      insert into chat.participants (conversation_id, account_id, answer)
      values (${conversation}, ${id}, 'accepted')`
  }
  await sql`
    insert into chat.envelopes
    select ${conversation}::uuid, seq, gen_random_uuid(), ${alice}::uuid, ${alice}::uuid, 0, 'message', repeat('A', 1000)
    from generate_series(1, ${ENVELOPES}) seq`
  await sql`insert into chat.event_outbox (event) values ('one'), ('two')`
  file = join(folder, 'a.backup')
  await dumpDatabase(sql, file, plain)
})

afterAll(async () => {
  await sql.end({ timeout: 1 })
  await postgres.stop()
  await rm(folder, { recursive: true, force: true })
})

test('a backup is restored with every row unchanged, checked, and served', async () => {
  const { rows } = await verifyBackup(opened(file))

  expect(rows).toMatchObject({ 'auth.accounts': 2, 'chat.envelopes': ENVELOPES })
})

test('only its owner can read a backup, and there is no partial one', async () => {
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  const closed = connect(sottoUrl(postgres.url), { maxConnections: 1, applicationName: 'test' })
  await closed.end()
  await expect(dumpDatabase(closed, join(folder, 'half.backup'), plain)).rejects.toThrow()
  expect(await readdir(folder)).not.toContain('half.backup.part')
})

test.each([
  ['truncated', async (copy: string) => truncate(copy, (await stat(copy)).size - 20)],
  [
    'damaged',
    async (copy: string) => {
      const bytes = await readFile(copy)
      bytes[Math.floor(bytes.length / 2)] = (bytes[Math.floor(bytes.length / 2)] ?? 0) ^ 1
      await writeFile(copy, bytes)
    },
  ],
  ['something else', (copy: string) => writeFile(copy, 'a letter')],
  ['empty', (copy: string) => writeFile(copy, '')],
])('a file that is %s is rejected before anything is touched', async (name, spoil) => {
  const copy = join(folder, `${name.replace(' ', '-')}.backup`)
  await writeFile(copy, await readFile(file))
  await spoil(copy)

  await expect(checkBackup(opened(copy))).rejects.toThrow(/not a complete backup|damaged|truncated/)
})

test('a backup of a newer version is rejected, and the missing migration is named', async () => {
  const newer = join(folder, 'newer.backup')
  await sql.begin(async (tx) => {
    await tx`insert into chat.migrations values ('0099-later.sql', 'x')`
  })
  await dumpDatabase(sql, newer, plain)
  await sql`delete from chat.migrations where name = '0099-later.sql'`

  await expect(checkBackup(opened(newer))).rejects.toThrow('chat: 0099-later.sql')
})

test('a log with a gap is not restored', async () => {
  const broken = join(folder, 'broken.backup')
  await sql`update chat.envelopes set seq = ${ENVELOPES + 10} where seq = 7`
  await dumpDatabase(sql, broken, plain)
  await sql`update chat.envelopes set seq = 7 where seq = ${ENVELOPES + 10}`

  await expect(verifyBackup(opened(broken))).rejects.toThrow('have gaps')
})

test.each([
  ['', 'no database'],
  ['/postgres', 'another database'],
  ['/sotto', 'the database itself'],
])(
  'the commands back up and restore a PostgreSQL whose URL ends in "%s"',
  async (pathname, named) => {
    const address = Object.assign(new URL(postgres.url), { pathname }).href
    const run = (script: string, ...args: string[]) =>
      promisify(execFile)(process.execPath, [
        fileURLToPath(new URL(`../src/${script}.ts`, import.meta.url)),
        ...[...args, '--database', address],
      ])
    const to = join(folder, `by ${named}`)
    const key = join(folder, `key by ${named}`)
    const secrets = join(folder, `secrets by ${named}`)
    const recipient = await makeIdentity(key)
    await mkdir(secrets)
    await writeFile(join(secrets, 'auth_opaque_setup'), 'the setup of this Sotto')
    await run('backup', '--to', to, '--recipient', recipient, '--secrets', secrets)
    const files = await readdir(to)
    expect(files).toEqual([expect.stringMatching(/^sotto-.*\.backup\.age$/)])
    const backup = join(to, files[0] ?? '')
    expect((await stat(backup)).mode & 0o777).toBe(0o600)
    await sql`delete from chat.event_outbox`
    await sql.end({ timeout: 1 })

    const { stdout } = await run('restore', backup, '--force', '--identity', key)

    expect(stdout).toContain('is kept in the database sotto_before_')
    sql = connect(sottoUrl(postgres.url), { maxConnections: 2, applicationName: 'test' })
    expect(await sql`select event from chat.event_outbox order by id`).toEqual([
      { event: 'one' },
      { event: 'two' },
    ])
  },
)

test("a server without Sotto's database is restored through its future URL", async () => {
  const summary = await checkBackup(opened(file))
  await sql.end({ timeout: 1 })
  const admin = connect(postgres.url, { maxConnections: 1, applicationName: 'test' })
  await admin`drop database sotto`
  await admin.end()

  const { keptAs } = await restoreBackup(sottoUrl(postgres.url), opened(file), {
    summary,
    isForced: false,
  })

  expect(keptAs).toBeUndefined()
  sql = connect(sottoUrl(postgres.url), { maxConnections: 2, applicationName: 'test' })
  expect(await sql`select count(*) from chat.envelopes`).toEqual([{ count: ENVELOPES }])
})

test('a connected health check does not prevent a restore', async () => {
  const summary = await checkBackup(opened(file))
  await sql.end({ timeout: 1 })
  const check = connect(sottoUrl(postgres.url), { maxConnections: 1, applicationName: 'psql' })
  await check`select 1`
  const restored = restoreBackup(postgres.url, opened(file), { summary, isForced: true })
  await eventually('the restore to see it', async () => {
    const [looked] = await check`
      select 1 from pg_stat_activity where application_name = 'sotto restore'
        and state = 'idle' and query like '%client backend%'`
    return looked !== undefined
  })
  await check.end()

  expect((await restored).keptAs).toMatch(/^sotto_before_/)
  sql = connect(sottoUrl(postgres.url), { maxConnections: 2, applicationName: 'test' })
})

test('existing data is replaced only with force, and kept', async () => {
  const summary = await checkBackup(opened(file))
  await sql`insert into chat.event_outbox (event) values (${odd})`
  const restore = (isForced: boolean) =>
    restoreBackup(postgres.url, opened(file), { summary, isForced })
  await expect(restore(true)).rejects.toThrow(/^The database is in use: test \(\d\)\. Stop Sotto/)
  await sql.end({ timeout: 1 })
  await expect(restore(false)).rejects.toThrow('--force')

  const { keptAs } = await restore(true)

  const open = (database: string) =>
    connect(Object.assign(new URL(postgres.url), { pathname: `/${database}` }).href, {
      maxConnections: 1,
      applicationName: 'test',
    })
  const kept = open(keptAs ?? '')
  expect(await kept`select count(*) from chat.event_outbox`).toEqual([{ count: 3 }])
  await kept.end()
  sql = open('sotto')
  expect(await sql`select event from chat.event_outbox order by id`).toEqual([
    { event: 'one' },
    { event: 'two' },
  ])
  expect(await sql`select distinct name, picture from chat.accounts`).toEqual([
    { name: odd, picture: Buffer.from([0, 1, 92, 255]) },
  ])
  await sql`insert into chat.event_outbox (event) values ('three')`
  expect(await sql`select id from chat.event_outbox where event = 'three'`).toEqual([{ id: 3 }])
})
