import { connect } from '@sotto/service-runtime'
import { type ConversationId, chatRequests } from '@sotto/wire'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { eventually } from '../../../../tests/network/eventually.ts'
import {
  createClusterTemplate,
  ReplicatedPostgres,
} from '../../../../tests/postgres/replicated-postgres.ts'
import { envelopeIn, type Person, startConversation } from '../person.ts'
import { startChat, type TestChat } from '../start-chat.ts'

// Each test runs two PostgreSQL servers.

let template: Awaited<ReturnType<typeof createClusterTemplate>>
beforeAll(async () => {
  template = await createClusterTemplate()
})
afterAll(() => template.remove())

/** An instance of chat with its own connections, like a separate process. */
async function startInstance(postgres: ReplicatedPostgres, graceMs = 60_000): Promise<TestChat> {
  const sql = connect(postgres.url, { maxConnections: 8, applicationName: 'chat test' })
  const drop = () => sql.end({ timeout: 2 })
  const database = { url: postgres.url, sql, drop, [Symbol.asyncDispose]: drop }
  return startChat({}, { database, eras: { lookEveryMs: 100, touchEveryMs: 100, graceMs } })
}

/** Like `kill -9`: the instance can no longer tell the database anything. */
const kill = (chat: TestChat) => chat.sql.end({ timeout: 0 })

async function talk(chat: TestChat) {
  const [alice, bob] = [await chat.person('Alice'), await chat.person('Bob')]
  const id = await startConversation(chat, alice, bob)
  return { alice, bob, id }
}

/** Sends envelopes one after the other, waiting for each acknowledgement. */
async function send(chat: TestChat, person: Person, id: ConversationId, count: number) {
  for (let sent = 0; sent < count; sent += 1) {
    const verdicts = await chat.send([[person, envelopeIn(id)]])
    expect(verdicts).toMatchObject([{ fate: 'accepted' }])
  }
}

/** Every era that the database names, oldest first. */
async function erasOf({ sql }: TestChat): Promise<string[]> {
  const rows = await sql<{ era: string }[]>`select era from chat.eras order by id`
  return [...new Set(rows.map(({ era }) => era))]
}

async function changes(chat: TestChat, as: Person, since?: string) {
  const query = { limit: 100, ...(since !== undefined && { since }) }
  const answered = await eventually('an answer', async () => {
    const { status, body } = await chat.call(as, chatRequests.listChanges, { query })
    return status === 200 && body
  })
  return { ...answered, ids: answered.conversations.map(({ id }) => id) }
}

const eraOf = async (chat: TestChat, as: Person) => (await changes(chat, as)).era

/** Waits for an era that differs from `former`. */
async function eraAfter(former: string, chat: TestChat, as: Person): Promise<string> {
  return eventually('another era', async () => {
    const era = await eraOf(chat, as)
    return era !== former && era
  })
}

/** Rows that are marked as changed by a transaction that does not exist yet. */
async function rowsOfTheFuture({ sql }: TestChat): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int from (
      select changed_xid as xid from chat.conversations
      union all select changed_xid from chat.participants
      union all select shown_xid from chat.participants) as marks
    where xid > pg_snapshot_xmax(pg_current_snapshot())`
  return row?.count ?? -1
}

test('a failover that loses nothing starts no era, even for an instance that starts later', async () => {
  await using postgres = await ReplicatedPostgres.start(template)
  await using chat = await startInstance(postgres)
  const { alice, id } = await talk(chat)
  const era = await eraOf(chat, alice)
  await postgres.synchronize()
  await send(chat, alice, id, 20)

  await postgres.failOver()
  await send(chat, alice, id, 5)
  expect(await eraOf(chat, alice)).toBe(era)
  await using later = await startInstance(postgres)
  await send(later, alice, id, 5)

  expect(await erasOf(later)).toEqual([era])
  expect([...chat.erasBegun, ...later.erasBegun]).toEqual([])
  expect((await changes(chat, alice)).conversations[0]).toMatchObject({ lastSeq: 30 })
})

test("no instance mistakes a removed account's data for lost data", async () => {
  await using postgres = await ReplicatedPostgres.start(template)
  await using one = await startInstance(postgres)
  await using two = await startInstance(postgres)
  const { alice, bob, id } = await talk(one)
  const carol = await one.person('Carol')
  const other = await startConversation(one, bob, carol)
  const era = await eraOf(one, bob)
  await send(one, alice, id, 3)
  await send(two, bob, id, 3)
  await one.broker.sendJob({ type: 'account.remove', accountId: alice.accountId })
  await eventually('the removal', async () => {
    return (await one.sql`select from chat.conversations where id = ${id}`).length === 0
  })
  await postgres.synchronize()
  await send(one, bob, other, 1)

  await postgres.failOver()
  await send(one, bob, other, 1)
  await send(two, bob, other, 1)
  expect(await erasOf(one)).toEqual([era])
})

test('an instance that starts during a failover waits for one that can vouch', async () => {
  await using postgres = await ReplicatedPostgres.start(template)
  await using chat = await startInstance(postgres)
  const { alice, id } = await talk(chat)
  const era = await eraOf(chat, alice)
  await postgres.synchronize()
  await send(chat, alice, id, 3)
  // Until then, this instance does not check the new server.
  const busy = Promise.withResolvers<void>()
  const looking = vi.spyOn(chat.sql, 'begin').mockImplementation(async () => {
    await busy.promise
    throw new Error('not yet')
  })

  await postgres.failOver()
  const starting = startInstance(postgres)
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  looking.mockRestore()
  busy.resolve()
  await using later = await starting

  expect(await erasOf(later)).toEqual([era])
  expect(await eraOf(chat, alice)).toBe(era)
})

test('a failover that loses accepted envelopes starts one era for all instances', async () => {
  await using postgres = await ReplicatedPostgres.start(template)
  await using one = await startInstance(postgres)
  await using two = await startInstance(postgres)
  const { alice, bob, id } = await talk(one)
  const era = await eraOf(one, alice)
  await send(one, alice, id, 3)
  await postgres.cutReplication()
  await send(one, alice, id, 20)
  await send(two, bob, id, 20)
  const lost = await changes(one, alice)

  await postgres.failOver()
  const next = await eraAfter(era, one, alice)
  await send(one, alice, id, 1)
  await send(two, bob, id, 1)

  await eventually('an era', () => one.erasBegun.length + two.erasBegun.length > 0)
  expect(await erasOf(one)).toEqual([era, next])
  expect([...one.erasBegun, ...two.erasBegun]).toEqual([next])
  expect(await rowsOfTheFuture(one)).toBe(0)
  const after = await changes(one, alice, lost.cursor)
  expect(after).toMatchObject({ era: next, ids: [id], conversations: [{ lastSeq: 5 }] })
})

test('an era begins even if nothing is sent after the loss', async () => {
  await using postgres = await ReplicatedPostgres.start(template)
  await using chat = await startInstance(postgres)
  const { alice, id } = await talk(chat)
  const era = await eraOf(chat, alice)
  await postgres.cutReplication()
  await send(chat, alice, id, 1)

  await postgres.failOver()

  await eventually('an era', () => chat.erasBegun.length > 0)
  expect(await erasOf(chat)).toEqual([era, ...chat.erasBegun])
})

test('the loss of a single box starts an era', async () => {
  await using postgres = await ReplicatedPostgres.start(template)
  await using chat = await startInstance(postgres)
  const { alice, id } = await talk(chat)
  await send(chat, alice, id, 1)
  const era = await eraOf(chat, alice)
  await postgres.cutReplication()
  await chat.call(
    alice,
    chatRequests.putBox,
    alice.box('contacts', { version: 1, ciphertext: 'c2VhbGVk' }),
  )

  await postgres.failOver()

  const next = await eraAfter(era, chat, alice)
  expect(await erasOf(chat)).toEqual([era, next])
})

test('if every instance died with the primary, an era begins at the start', async () => {
  await using postgres = await ReplicatedPostgres.start(template)
  await using chat = await startInstance(postgres)
  const { alice, id } = await talk(chat)
  const era = await eraOf(chat, alice)
  await postgres.synchronize()
  await send(chat, alice, id, 3)
  await kill(chat)

  await postgres.failOver()
  await using later = await startInstance(postgres, 500)

  const eras = await erasOf(later)
  expect(eras).toHaveLength(2)
  expect(eras[0]).toBe(era)
})

test('an instance that died with the primary cannot vouch, so an era begins', async () => {
  await using postgres = await ReplicatedPostgres.start(template)
  await using one = await startInstance(postgres, 1_000)
  await using two = await startInstance(postgres, 1_000)
  const { alice, bob, id } = await talk(one)
  const era = await eraOf(one, alice)
  await postgres.cutReplication()
  await send(two, bob, id, 3)
  await kill(two)

  await postgres.failOver()

  const next = await eraAfter(era, one, alice)
  expect(await erasOf(one)).toEqual([era, next])
})

test('a restart of PostgreSQL on the same data starts no era', async () => {
  await using postgres = await ReplicatedPostgres.start(template)
  await using chat = await startInstance(postgres)
  const { alice, id } = await talk(chat)
  const era = await eraOf(chat, alice)
  await send(chat, alice, id, 3)

  await postgres.restartPrimary()
  expect(await eraOf(chat, alice)).toBe(era)
  await send(chat, alice, id, 1)
  await using later = await startInstance(postgres)

  expect(await erasOf(later)).toEqual([era])
})

test('an instance that was considered dead but still runs starts no era after a restart', async () => {
  await using postgres = await ReplicatedPostgres.start(template)
  await using chat = await startInstance(postgres)
  const { alice, id } = await talk(chat)
  const era = await eraOf(chat, alice)
  await send(chat, alice, id, 3)
  await chat.sql`delete from chat.acceptance_marks`
  await chat.sql`delete from chat.instances`
  await eventually(
    'an instance',
    async () => (await chat.sql`select from chat.instances`).length > 0,
  )

  await postgres.restartPrimary()

  expect(await eraOf(chat, alice)).toBe(era)
  expect(await erasOf(chat)).toEqual([era])
})

test('a cursor from before a failover misses nothing although transaction numbers are reused', async () => {
  await using postgres = await ReplicatedPostgres.start(template)
  await using chat = await startInstance(postgres)
  const { alice, bob, id } = await talk(chat)
  const { era } = await changes(chat, bob)
  await chat.settle()
  await postgres.cutReplication()
  // Nothing accepted is lost, only the numbers of transactions without any effect.
  for (let lost = 0; lost < 50; lost += 1) await chat.sql`select pg_current_xact_id()`
  const before = await changes(chat, bob)

  await postgres.failOver()
  await send(chat, alice, id, 1)
  for (let later = 0; later < 100; later += 1) await chat.sql`select pg_current_xact_id()`

  const after = await changes(chat, bob, before.cursor)
  expect(after).toMatchObject({ era, ids: [id], conversations: [{ lastSeq: 1 }] })
})
