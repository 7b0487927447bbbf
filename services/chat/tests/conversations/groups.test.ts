import { randomUUID } from 'node:crypto'
import { type ConversationId, chatRequests, PROTOCOL_PARTICIPANTS } from '@sotto/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { answer, envelopeIn, type Person, startConversation } from '../person.ts'
import { startChat, type TestChat } from '../start-chat.ts'

let chat: TestChat

beforeAll(async () => {
  // No protocol of this version has more than two participants yet.
  chat = await startChat({ maxParticipants: { ...PROTOCOL_PARTICIPANTS, ecdh: 5 } })
})
afterAll(() => chat[Symbol.asyncDispose]())

const NAMES = ['Alice', 'Bob', 'Carol', 'Dave', 'Erin'] as const

const people = () => Promise.all(NAMES.map((name) => chat.person(name)))

async function createGroup(creator: Person, others: readonly Person[], id: string = randomUUID()) {
  const participants = others.map(({ accountId }) => accountId)
  const body = { id, protocol: 'ecdh', participants }
  return {
    id: id as string as ConversationId,
    answer: await chat.call(creator, chatRequests.createConversation, { body }),
  }
}

async function statesSeenBy(as: Person, conversationId: ConversationId) {
  const { body } = await chat.call(as, chatRequests.getConversation, { params: { conversationId } })
  return new Map(body.conversation.participants.map(({ accountId, state }) => [accountId, state]))
}

test("five people have one conversation, and each is notified with everyone's keys", async () => {
  const [alice, ...others] = await people()
  if (!alice) throw new Error('nobody')
  const { id, answer: created } = await createGroup(alice, others)

  expect(created.status).toBe(200)
  expect(created.body.conversation.participants).toHaveLength(5)
  expect(created.body.conversation.participants.every(({ role }) => role === 'member')).toBe(true)
  for (const { accountId } of others) {
    const told = await chat.event(
      'conversation.created',
      ({ conversation, recipients }) => conversation.id === id && recipients[0] === accountId,
    )
    expect(told.accounts).toHaveLength(5)
  }
  const again = await createGroup(alice, others, id)
  expect(again.answer.status).toBe(200)
  const fewer = await createGroup(alice, others.slice(1), id)
  expect(fewer.answer.code).toBe('conversation_exists')
})

test('an envelope goes to all participants, whatever one of them has answered', async () => {
  const [alice, bob, carol, ...others] = await people()
  if (!alice || !bob || !carol) throw new Error('nobody')
  const { id } = await createGroup(alice, [bob, carol, ...others])
  await answer(chat, bob, id, 'accepted')
  await answer(chat, carol, id, 'declined')

  const verdicts = await chat.send([
    [alice, envelopeIn(id)],
    [bob, envelopeIn(id)],
    [carol, envelopeIn(id)],
    ...others.map((person) => [person, envelopeIn(id)] as const),
  ])

  expect(
    verdicts.map((verdict) => (verdict.fate === 'refused' ? verdict.code : verdict.seq)),
  ).toEqual([1, 2, 'conversation_closed', ...others.map(() => 'request_pending')])
  const stored = await chat.event('envelopes.stored', ({ envelopes }) => {
    return envelopes.some(({ conversationId }) => conversationId === id)
  })
  expect(stored.recipients).toHaveLength(5)
})

test('an answer concerns this conversation only, and shows only whether someone has accepted', async () => {
  const [alice, bob, carol] = await people()
  if (!alice || !bob || !carol) throw new Error('nobody')
  const { id } = await createGroup(alice, [bob, carol])
  await answer(chat, bob, id, 'accepted')
  await answer(chat, carol, id, 'declined')

  const seen = await statesSeenBy(alice, id)
  expect(seen.get(bob.accountId)).toBe('accepted')
  expect(seen.get(carol.accountId)).toBe('requested')
  const direct = await chat.call(alice, chatRequests.createConversation, {
    body: { id: randomUUID(), protocol: 'ecdh', participants: [carol.accountId] },
  })
  expect(direct.status).toBe(200)
  const blocked = await chat.call(bob, chatRequests.answerConversation, {
    params: { conversationId: id },
    body: { state: 'blocked' },
  })
  expect(blocked.code).toBe('participants_not_supported')
})

test('a block between two people closes their own conversation, and no group', async () => {
  const [alice, bob, carol] = await people()
  if (!alice || !bob || !carol) throw new Error('nobody')
  const directId = await startConversation(chat, alice, bob)
  const { id } = await createGroup(alice, [bob, carol])
  await answer(chat, bob, directId, 'blocked')

  const [inDirect, inGroup] = await chat.send([
    [alice, envelopeIn(directId)],
    [alice, envelopeIn(id)],
  ])
  expect(inDirect).toMatchObject({ fate: 'refused', code: 'conversation_closed' })
  expect(inGroup).toMatchObject({ fate: 'accepted', seq: 1 })
})
