import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { connect, migrate, readMigrations, type Sql } from '@sotto/service-runtime'
import { ConversationId, type StoredEnvelope } from '@sotto/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../../tests/postgres/test-database.ts'
import * as envelopes from '../../src/store/envelopes/envelopes.ts'

const folder = fileURLToPath(new URL('../../src/migrations/', import.meta.url))
const STORED = 12_000
/** Written by an instance of the former version during the migration. */
const written: StoredEnvelope[] = []

let database: TestDatabase
let old: Sql

function envelopeIn(conversationId: string, seq: number): StoredEnvelope {
  return {
    conversationId,
    seq,
    id: randomUUID(),
    senderAccountId: conversationId,
    senderDeviceId: conversationId,
    acceptedAt: 0,
    kind: 'message',
    ciphertext: 'AAAA',
  } as StoredEnvelope
}

// The first version's database with rows in it, an instance that continues to write, and the start
// of the new version.
beforeAll(async () => {
  database = await createTestDatabase()
  old = connect(database.url, { maxConnections: 4, applicationName: 'old instance' })
  const names = (await readMigrations(folder)).map(({ name }) => name)
  const only = new Set(names.filter((name) => name < '0003' || name.startsWith('runtime/')))
  await migrate(database.sql, { schema: 'chat', folder, only })
  await database.sql`
    insert into chat.envelopes
    select c.id, seq, gen_random_uuid(), c.id, c.id, 0, 'message', 'AAAA'
    from (select gen_random_uuid() as id from generate_series(1, ${STORED / 100})) c,
      generate_series(1, 100) seq`

  let isMigrating = true
  const goOn = async () => {
    const conversation = randomUUID()
    for (let seq = 1; isMigrating || seq < 20; seq++) {
      const envelope = envelopeIn(conversation, seq)
      await envelopes.append(old, [envelope])
      written.push(envelope)
      const known = await envelopes.findKnown(old, [envelope])
      expect(known).toHaveLength(1)
    }
  }
  const writing = Promise.all([goOn(), goOn(), goOn()])
  // Two instances of the new version start simultaneously.
  const owner = () => connect(database.url, { maxConnections: 1, applicationName: 'new instance' })
  const owners = [owner(), owner()]
  await Promise.all(owners.map((sql) => migrate(sql, { schema: 'chat', folder })))
  isMigrating = false
  await writing
  await Promise.all(owners.map((sql) => sql.end()))
})
afterAll(async () => {
  await old.end()
  await database.drop()
})

test('every row is migrated, including those that an old instance writes meanwhile', async () => {
  const { sql } = database
  expect(written.length).toBeGreaterThan(50)
  expect(await sql`select count(*) from chat.envelopes`).toEqual([
    { count: STORED + written.length },
  ])
  const ids = written.map(({ id }) => id)
  expect(await sql`select count(*) from chat.envelopes where id = any(${ids}::uuid[])`).toEqual([
    { count: ids.length },
  ])
})

test('the rows are distributed over 16 partitions, and nothing temporary is left over', async () => {
  const { sql } = database
  const tables = await sql<{ name: string; part: boolean }[]>`
    select relname as name, relispartition as part from pg_class
    where relnamespace = 'chat'::regnamespace and relkind in ('r', 'p')
      and relname like 'envelopes%' order by relname`
  expect(tables.filter(({ part }) => part)).toHaveLength(16)
  expect(tables.filter(({ part }) => !part)).toEqual([{ name: 'envelopes', part: false }])
  const sizes = await sql<{ count: number }[]>`
    select count(*) from chat.envelopes group by tableoid`
  expect(sizes).toHaveLength(16)
})

test("the services' plans search only the partition of the conversation", async () => {
  const id = ConversationId.parse(written[0]?.conversationId)
  const reserved = await old.reserve()
  try {
    await reserved`
      prepare read (uuid) as
      select e.seq from chat.envelopes e where e.conversation_id = $1 and e.seq < 50
      order by e.seq desc limit 10`
    await reserved`
      prepare known (uuid[], uuid[]) as
      select e.seq from unnest($1, $2) as names (conversation_id, id)
      join chat.envelopes e using (conversation_id, id)`
    const read = await reserved.unsafe(`explain (analyze, costs off) execute read('${id}')`)
    const known = await reserved.unsafe(
      `explain (analyze, costs off) execute known('{${id}}', '{${written[0]?.id}}')`,
    )
    for (const rows of [read, known]) {
      const lines = rows.map((row) => String(row['QUERY PLAN']))
      const scans = lines.filter((line) => /Scan.* on envelopes_\d\d/.test(line))
      expect(lines.filter((line) => line.includes('Seq Scan'))).toEqual([])
      expect(scans.filter((line) => !line.includes('never executed'))).toHaveLength(1)
    }
  } finally {
    reserved.release()
  }
})
