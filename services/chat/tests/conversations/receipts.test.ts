import { type ConversationId, chatRequests } from '@sotto/wire'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { eventually } from '../../../../tests/network/eventually.ts'
import { highestMarks } from '../../src/domain/conversations/record-receipts.ts'
import {
  answer,
  envelopeIn,
  type Person,
  requestConversation,
  startConversation,
} from '../person.ts'
import { startChat, type TestChat } from '../start-chat.ts'

let chat: TestChat
let alice: Person
let bob: Person

beforeAll(async () => {
  chat = await startChat()
})
beforeEach(async () => {
  alice = await chat.person('Alice')
  bob = await chat.person('Bob')
})
afterAll(() => chat[Symbol.asyncDispose]())

function receipt(
  person: Person,
  conversationId: ConversationId,
  [deliveredSeq, readSeq]: number[],
) {
  const marks = { deliveredSeq: deliveredSeq ?? 0, readSeq: readSeq ?? 0 }
  return { actor: person.actor, receipt: { conversationId, ...marks } }
}

async function record(...receipts: ReturnType<typeof receipt>[]) {
  await chat.command({ type: 'receipts.record', receipts })
}

async function marksOf(person: Person, conversationId: ConversationId, as: Person) {
  const { body } = await chat.call(as, chatRequests.getConversation, { params: { conversationId } })
  const participant = body.conversation.participants.find(
    ({ accountId }) => accountId === person.accountId,
  )
  return [participant?.deliveredSeq, participant?.readSeq]
}

async function withEnvelopes(conversationId: ConversationId, count: number) {
  await chat.send(Array.from({ length: count }, () => [alice, envelopeIn(conversationId)] as const))
  return conversationId
}

test("marks reach the other account and the account's own devices", async () => {
  const id = await withEnvelopes(await startConversation(chat, alice, bob), 5)
  await record(receipt(bob, id, [4, 2]))

  const event = await chat.event('receipts.changed', ({ receipts }) =>
    receipts.some(({ conversationId }) => conversationId === id),
  )
  expect(event.accountId).toBe(bob.accountId)
  expect(event.recipients.toSorted()).toEqual([alice.accountId, bob.accountId].toSorted())
  expect(event.receipts).toEqual([{ conversationId: id, deliveredSeq: 4, readSeq: 2 }])
  expect(await marksOf(bob, id, alice)).toEqual([4, 2])
})

test('marks only increase, and never beyond the end of the log', async () => {
  const id = await withEnvelopes(await startConversation(chat, alice, bob), 5)
  await record(receipt(bob, id, [4, 3]))
  await record(receipt(bob, id, [2, 1]), receipt(bob, id, [Number.MAX_SAFE_INTEGER, 0]))

  await eventually('the receipts', async () => (await marksOf(bob, id, alice))[0] === 5)
  expect(await marksOf(bob, id, alice)).toEqual([5, 3])
})

test('read envelopes count as delivered, and one batch may contain several marks', () => {
  const id = '00000000-0000-4000-8000-000000000001' as ConversationId
  const marks = highestMarks([
    receipt(bob, id, [1, 3]),
    receipt(bob, id, [2, 2]),
    receipt(alice, id, [1, 0]),
  ])
  expect(marks).toMatchObject([
    { accountId: bob.accountId, deliveredSeq: 3, readSeq: 3 },
    { accountId: alice.accountId, deliveredSeq: 1, readSeq: 0 },
  ])
})

test('a participant who has not accepted sends no receipts; they appear after accepting', async () => {
  const dave = await chat.person('Dave')
  const id = await withEnvelopes(await requestConversation(chat, alice, dave), 2)
  await record(receipt(dave, id, [2, 2]))

  const event = await chat.event(
    'receipts.changed',
    ({ accountId }) => accountId === dave.accountId,
  )
  expect(event.recipients).toEqual([dave.accountId])
  expect(await marksOf(dave, id, alice)).toEqual([0, 0])
  expect(await marksOf(dave, id, dave)).toEqual([2, 2])
  await answer(chat, dave, id, 'accepted')
  expect(await marksOf(dave, id, alice)).toEqual([2, 2])
})

test("a stranger's receipts have no effect", async () => {
  const id = await withEnvelopes(await startConversation(chat, alice, bob), 2)
  const mallory = await chat.person('Mallory')
  await record(receipt(mallory, id, [2, 2]), receipt(bob, id, [1, 1]))

  await chat.event('receipts.changed', ({ receipts }) => receipts[0]?.conversationId === id)
  await chat.settle()
  const told = chat.events.filter(
    (event) => event.type === 'receipts.changed' && event.accountId === mallory.accountId,
  )
  expect(told).toEqual([])
})

test("unread counts the others' envelopes after the account's read mark", async () => {
  const id = await withEnvelopes(await startConversation(chat, alice, bob), 5)
  await chat.send([[bob, envelopeIn(id)]])
  const unreadOf = async (person: Person) => {
    const { body } = await chat.call(person, chatRequests.listConversations)
    return body.conversations.find((conversation) => conversation.id === id)?.unread
  }
  expect([await unreadOf(alice), await unreadOf(bob)]).toEqual([1, 5])

  await record(receipt(bob, id, [6, 3]))
  await eventually('the count', async () => (await unreadOf(bob)) === 2)
  await withEnvelopes(id, 150)
  expect(await unreadOf(bob)).toBe(100)
})

test('typing is announced by and to those who have accepted', async () => {
  const erin = await chat.person('Erin')
  const open = await startConversation(chat, alice, bob)
  const asked = await requestConversation(chat, alice, erin)
  const type = (person: Person, conversationId: ConversationId) =>
    chat.command({ type: 'typing.announce', actor: person.actor, conversationId })
  await type(alice, asked)
  await type(erin, asked)
  await type(erin, open)
  await type(alice, open)

  const event = await chat.event('typing.started')
  expect(event).toMatchObject({ recipients: [bob.accountId], conversationId: open })
  expect(chat.events.filter(({ type }) => type === 'typing.started')).toHaveLength(1)
})
