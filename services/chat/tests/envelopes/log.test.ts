import { type ConversationId, chatRequests, MAX_PAGE } from '@sotto/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { envelopeIn, type Person, startConversation } from '../person.ts'
import { startChat, type TestChat } from '../start-chat.ts'

let chat: TestChat
let alice: Person
let bob: Person
let conversationId: ConversationId

beforeAll(async () => {
  chat = await startChat()
  alice = await chat.person('Alice')
  bob = await chat.person('Bob')
  conversationId = await startConversation(chat, alice, bob)
  await chat.send(Array.from({ length: 70 }, () => [alice, envelopeIn(conversationId)] as const))
})
afterAll(() => chat[Symbol.asyncDispose]())

async function seqs(query: Record<string, string | number>) {
  const { body } = await chat.call(bob, chatRequests.readLog, { params: { conversationId }, query })
  return body.envelopes.map(({ seq }) => seq)
}

const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, n) => from + n)

test('a page of the log contains the newest thirty, in order', async () => {
  expect(await seqs({})).toEqual(range(41, 70))
})

test('earlier pages lead back to the beginning', async () => {
  expect(await seqs({ before: 41 })).toEqual(range(11, 40))
  expect(await seqs({ before: 11 })).toEqual(range(1, 10))
  expect(await seqs({ before: 1 })).toEqual([])
})

test('later pages lead forward from a seq', async () => {
  expect(await seqs({ after: 0, limit: 3 })).toEqual([1, 2, 3])
  expect(await seqs({ after: 68 })).toEqual([69, 70])
  expect(await seqs({ after: 70 })).toEqual([])
  expect(await seqs({ after: Number.MAX_SAFE_INTEGER })).toEqual([])
})

test.each([
  { limit: 0 },
  { limit: MAX_PAGE + 1 },
  { after: -1 },
  { before: '1e999' },
  { after: 'x' },
  { after: 1, before: 5 },
  { order: 'desc' },
])('rejects an invalid range: %j', async (query) => {
  const { status } = await chat.call(bob, chatRequests.readLog, {
    params: { conversationId },
    query: query as Record<string, string | number>,
  })
  expect(status).toBe(400)
})

test('the raw row is shown with all its columns', async () => {
  const { body } = await chat.call(bob, chatRequests.serverRow, {
    params: { conversationId, seq: 7 },
  })
  const columns = await chat.sql`
    select attname from pg_attribute
    where attrelid = 'chat.envelopes'::regclass and attnum > 0 and not attisdropped`
  expect(body.table).toBe('chat.envelopes')
  expect(Object.keys(body.columns).toSorted()).toEqual(
    columns.map(({ attname }) => attname).toSorted(),
  )
  expect(body.columns).toMatchObject({ seq: 7, sender_account_id: alice.accountId })
})
