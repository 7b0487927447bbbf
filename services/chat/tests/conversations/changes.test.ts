import { randomBytes, randomUUID } from 'node:crypto'
import { type ConversationId, chatRequests } from '@sotto/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../../../../tests/network/eventually.ts'
import * as conversations from '../../src/store/conversations/conversations.ts'
import * as snapshots from '../../src/store/eras/snapshots.ts'
import * as accountUsage from '../../src/store/usage/account-usage.ts'
import {
  answer,
  envelopeIn,
  type Person,
  requestConversation,
  startConversation,
} from '../person.ts'
import { type Answer, startChat, type TestChat } from '../start-chat.ts'

let chat: TestChat

beforeAll(async () => {
  chat = await startChat()
})
afterAll(() => chat[Symbol.asyncDispose]())

const people = async () => [await chat.person('Alice'), await chat.person('Bob')] as const

async function changes(as: Person, since?: string, limit = 100) {
  const query = { limit, ...(since !== undefined && { since }) }
  const { body } = await chat.call(as, chatRequests.listChanges, { query })
  return { ...body, ids: body.conversations.map(({ id }) => id) }
}

/**
 * A cursor after everything that has happened. Running transactions of other databases count too,
 * so known changes may come again for a moment.
 */
async function settledCursor(as: Person): Promise<string> {
  let { cursor } = await changes(as)
  await eventually('the end of changes', async () => {
    const next = await changes(as, cursor)
    if (next.ids.length === 0) return true
    cursor = next.cursor
    return false
  })
  return cursor
}

const sendTo = (person: Person, id: ConversationId) => chat.send([[person, envelopeIn(id)]])

test('without a cursor everything is returned, with one only changes', async () => {
  const [alice, bob] = await people()
  const [one, two] = [
    await startConversation(chat, alice, bob),
    await startConversation(chat, alice, bob, 'rsa'),
  ]
  const everything = await changes(bob)
  expect(everything.ids.toSorted()).toEqual([one, two].toSorted())

  const cursor = await settledCursor(bob)
  await sendTo(alice, two)
  const later = await changes(bob, cursor)
  expect(later.ids).toEqual([two])
  expect(later.conversations[0]).toMatchObject({ lastSeq: 1, unread: 1, lastEnvelope: { seq: 1 } })
})

test('changes that a person publishes reach everyone who shares a conversation', async () => {
  const [alice, bob] = await people()
  const carol = await chat.person('Carol')
  const id = await startConversation(chat, alice, bob)
  const asked = await requestConversation(chat, alice, carol)
  const cursors = [await settledCursor(bob), await settledCursor(carol)]

  const body = { record: alice.record({ version: 2, name: 'Alice two' }), picture: null }
  await chat.call(alice, chatRequests.putUser, { body })

  const [bobs, carols] = [await changes(bob, cursors[0]), await changes(carol, cursors[1])]
  expect([bobs.ids, carols.ids]).toEqual([[id], [asked]])
  for (const { conversations } of [bobs, carols]) {
    expect(conversations[0]?.participants).toContainEqual(
      expect.objectContaining({ accountId: alice.accountId, recordVersion: 2 }),
    )
  }
})

test('a change that commits after a later one is not missed', async () => {
  const [alice, bob] = await people()
  const [slow, quick] = [
    await startConversation(chat, alice, bob),
    await startConversation(chat, alice, bob, 'rsa'),
  ]
  const start = await settledCursor(bob)

  const between = await chat.sql.begin(async (tx) => {
    const nothing = accountUsage.addSent(tx, new Map(), Date.now())
    await conversations.advance(tx, [{ id: slow, lastSeq: 0 }], Date.now(), nothing)
    await sendTo(alice, quick)
    const seen = await changes(bob, start)
    expect(seen.ids).toEqual([quick])
    return seen.cursor
  })

  const after = await changes(bob, between)
  expect(after.ids).toContain(slow)
})

test('marks and answers are changes too', async () => {
  const [alice, bob] = await people()
  const id = await startConversation(chat, alice, bob)
  await sendTo(alice, id)
  const cursor = await settledCursor(alice)

  const marks = { conversationId: id, deliveredSeq: 1, readSeq: 1 }
  const receipts = [{ actor: bob.actor, receipt: marks }]
  await chat.command({ type: 'receipts.record', receipts })
  await chat.event('receipts.changed', (event) => event.receipts[0]?.conversationId === id)
  expect((await changes(alice, cursor)).ids).toEqual([id])

  const later = await settledCursor(alice)
  await answer(chat, bob, id, 'declined')
  expect((await changes(alice, later)).ids).toEqual([id])
})

test('a block is not a change for the blocked account', async () => {
  const [alice, bob] = await people()
  const id = await startConversation(chat, alice, bob)
  await sendTo(alice, id)
  const [alices, bobs] = [await settledCursor(alice), await settledCursor(bob)]
  await answer(chat, bob, id, 'blocked')

  expect((await changes(bob, bobs)).ids).toEqual([id])
  await chat.call(bob, chatRequests.unblock, { params: { accountId: alice.accountId } })
  expect((await changes(alice, alices)).ids).toEqual([])
})

test('the handling of a request leaves no trace for the requester', async () => {
  const [alice, bob] = await people()
  const id = await requestConversation(chat, alice, bob)
  await sendTo(alice, id)
  const [alices, bobs] = [await settledCursor(alice), await settledCursor(bob)]

  const marks = { conversationId: id, deliveredSeq: 1, readSeq: 1 }
  await chat.command({
    type: 'receipts.record',
    receipts: [{ actor: bob.actor, receipt: marks }],
  })
  await chat.event('receipts.changed', (event) => event.receipts[0]?.conversationId === id)
  await answer(chat, bob, id, 'declined')
  await answer(chat, bob, id, 'blocked')
  await chat.call(bob, chatRequests.unblock, { params: { accountId: alice.accountId } })

  expect((await changes(alice, alices)).ids).toEqual([])
  expect((await changes(bob, bobs)).ids).toEqual([id])
})

test('pages cover everything, and conversations that move in the meantime come in the next round', async () => {
  const bob = await chat.person('Bob')
  const ids: ConversationId[] = []
  for (let n = 0; n < 7; n += 1) {
    ids.push(await startConversation(chat, await chat.person('Friend'), bob))
    await sendTo(bob, ids[n] as ConversationId)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  const first = await changes(bob, undefined, 3)
  expect(first.more).toBe(true)
  // The conversation that would come last jumps to the front, ahead of the position.
  await sendTo(bob, ids[0] as ConversationId)
  const second = await changes(bob, first.cursor, 3)
  expect(second.more).toBe(false)
  expect([...first.ids, ...second.ids]).toEqual(ids.slice(1).reverse())

  const next = await changes(bob, second.cursor, 3)
  expect(next.ids[0]).toBe(ids[0])
})

test('a cursor from another database or from a lost future returns everything', async () => {
  const [alice, bob] = await people()
  const id = await startConversation(chat, alice, bob)
  const [era] = (await changes(bob)).cursor.split('.')

  expect((await changes(bob, '0123456789abcdef.999999')).ids).toEqual([id])
  expect((await changes(bob, `${era}.999999999999`)).ids).toEqual([id])
  // The position between two pages is meaningless there too.
  const place = `999999.1:${id}`
  for (const since of [`0123456789abcdef.0.${place}`, `${era}.999999999999.${place}`]) {
    const answered = await changes(bob, since)
    expect(answered).toMatchObject({ era, ids: [id], more: false })
    expect((await changes(bob, answered.cursor)).era).toBe(era)
  }
})

test('a role that only reads rows can take the snapshot', async () => {
  const { sql } = chat
  const role = `chat_${randomBytes(4).toString('hex')}`
  await sql`create role ${sql(role)} nologin`
  const snapshot = await sql.begin(async (tx) => {
    await tx`grant usage on schema chat to ${tx(role)}`
    await tx`grant select on chat.eras to ${tx(role)}`
    await tx`set local role ${tx(role)}`
    return snapshots.take(tx, { line: '', sinceXid: '0', untilXid: undefined })
  })
  expect(snapshot).toMatchObject({ isPast: false, era: expect.stringMatching(/^[0-9a-f]{16}$/) })
  await sql`drop owned by ${sql(role)}`
  await sql`drop role ${sql(role)}`
})

test('transaction numbers from another database, as in a restored dump, do not count forever', async () => {
  const [alice, bob] = await people()
  await startConversation(chat, alice, bob)
  const future = '999999999999'
  await chat.sql`update chat.conversations set changed_xid = ${future}`
  await chat.sql`update chat.participants set changed_xid = ${future}, shown_xid = ${future}`
  const before = await changes(bob)
  expect((await changes(bob, before.cursor)).ids).toHaveLength(1)

  await chat.sql`update chat.eras set home = 'another database'`
  await using _restarted = await chat.another()
  const after = await changes(bob, before.cursor)
  expect(after.ids).toHaveLength(1)
  expect(after.era).not.toBe(before.era)
  expect((await changes(bob, await settledCursor(bob))).ids).toEqual([])
})

test.each([
  '',
  'x',
  '1.2.3',
  `${'0'.repeat(16)}.1.2.3:x`,
  `${'0'.repeat(16)}.99999999999999999999`,
])('rejects an invalid cursor: %s', async (since) => {
  const alice = await chat.person('Alice')
  const answered = await chat.call(alice, chatRequests.listChanges, { query: { since } })
  expect(answered).toMatchObject({ status: 400, code: 'invalid_request' })
})

test('the conversation list is ordered by latest activity and has pages', async () => {
  const bob = await chat.person('Bob')
  const ids: ConversationId[] = []
  for (let n = 0; n < 5; n += 1) {
    ids.push(await startConversation(chat, await chat.person('Friend'), bob))
  }
  for (const id of ids) await sendTo(bob, id)

  const seen: string[] = []
  let after: string | null = null
  do {
    const { body }: Answer<typeof chatRequests.listConversations> = await chat.call(
      bob,
      chatRequests.listConversations,
      { query: after === null ? { limit: 2 } : { limit: 2, after } },
    )
    seen.push(...body.conversations.map(({ id }) => id))
    after = body.next
  } while (after)
  expect(seen.toSorted()).toEqual(ids.toSorted())

  await sendTo(bob, ids[2] as ConversationId)
  const { body } = await chat.call(bob, chatRequests.listConversations)
  expect(body.conversations[0]?.id).toBe(ids[2])
  const refused = await chat.call(bob, chatRequests.listConversations, {
    query: { after: randomUUID() },
  })
  expect(refused.status).toBe(400)
})
