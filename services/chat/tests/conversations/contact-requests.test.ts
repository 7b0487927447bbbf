import { randomUUID } from 'node:crypto'
import { type ConversationId, chatRequests, MAX_REQUEST_ENVELOPES } from '@sotto/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  answer,
  envelopeIn,
  type Person,
  requestConversation,
  startConversation,
} from '../person.ts'
import { startChat, type TestChat } from '../start-chat.ts'

let chat: TestChat

beforeAll(async () => {
  chat = await startChat()
})
afterAll(() => chat[Symbol.asyncDispose]())

const people = async () => [await chat.person('Alice'), await chat.person('Bob')] as const

async function create(
  creator: Person,
  other: Person,
  { id = randomUUID() as string, protocol = 'ecdh' } = {},
) {
  return chat.call(creator, chatRequests.createConversation, {
    body: { id, protocol, participants: [other.accountId] },
  })
}

async function view(as: Person, conversationId: ConversationId) {
  const { body } = await chat.call(as, chatRequests.getConversation, { params: { conversationId } })
  return body.conversation
}

async function statesAsSeenBy(as: Person, id: ConversationId, [one, other]: readonly Person[]) {
  const { participants } = await view(as, id)
  const stateOf = (person?: Person) =>
    participants.find(({ accountId }) => accountId === person?.accountId)?.state
  return [stateOf(one), stateOf(other)]
}

test('the other account is notified immediately, with the keys of both and its own view', async () => {
  const [alice, bob] = await people()
  const id = randomUUID()
  const created = await create(alice, bob, { id })

  expect(created.status).toBe(200)
  const told = await chat.event(
    'conversation.created',
    ({ conversation }) => conversation.id === id,
  )
  expect(told.recipients).toEqual([bob.accountId])
  expect(told.conversation.createdBy).toBe(alice.accountId)
  const accountIds = told.accounts.map(({ accountId }) => accountId)
  expect(accountIds.toSorted()).toEqual([alice.accountId, bob.accountId].toSorted())
  expect(told.accounts[0]?.devices).toHaveLength(1)
  const own = await chat.event('conversation.changed', (event) => event.conversationId === id)
  expect(own.recipients).toEqual([alice.accountId])
})

test('the same request again returns the same conversation and notifies no one twice', async () => {
  const [alice, bob] = await people()
  const id = randomUUID()
  const first = await create(alice, bob, { id })
  await chat.settle()
  const told = chat.events.length

  expect((await create(alice, bob, { id })).body).toEqual(first.body)
  await chat.settle()
  expect(chat.events).toHaveLength(told)
})

test('another request under the same id is rejected', async () => {
  const [alice, bob] = await people()
  const carol = await chat.person('Carol')
  const id = randomUUID()
  await create(alice, bob, { id })

  expect((await create(bob, alice, { id })).code).toBe('conversation_exists')
  expect((await create(alice, carol, { id })).code).toBe('conversation_exists')
  expect((await create(carol, alice, { id })).code).toBe('conversation_exists')
  expect((await create(alice, bob, { id, protocol: 'rsa' })).code).toBe('conversation_exists')
  // It reveals nothing about another account's conversation.
  expect((await create(carol, alice, { id })).body).toEqual({ code: 'conversation_exists' })
})

test('two people have one conversation per protocol, and a second request names it', async () => {
  const [alice, bob] = await people()
  const id = randomUUID()
  await create(alice, bob, { id })
  const named = { code: 'conversation_exists', details: { conversationId: id } }

  expect((await create(alice, bob)).body).toEqual(named)
  expect((await create(bob, alice)).body).toEqual(named)
  expect((await create(bob, alice, { id })).body).toEqual(named)
  expect((await create(alice, bob, { protocol: 'rsa' })).status).toBe(200)
  await answer(chat, bob, id as ConversationId, 'blocked')
  expect((await create(alice, bob)).body).toEqual(named)
})

test('two people who write to each other concurrently have one conversation', async () => {
  const [alice, bob] = await people()
  const answers = await Promise.all([
    create(alice, bob),
    create(bob, alice),
    create(alice, bob),
    create(bob, alice),
  ])
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409, 409])
  const ids = answers.map(
    ({ body }) =>
      body.conversation?.id ??
      (body as unknown as { details: { conversationId: string } }).details.conversationId,
  )
  expect(new Set(ids).size).toBe(1)
})

test('the same creation twice concurrently is one conversation', async () => {
  const [alice, bob] = await people()
  const id = randomUUID()
  const answers = await Promise.all([1, 2, 3, 4].map(() => create(alice, bob, { id })))
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
})

test('rejects unsupported and invalid conversations', async () => {
  const [alice, bob] = await people()
  const post = async (protocol: string, participants: string[]) =>
    (
      await chat.call(alice, chatRequests.createConversation, {
        body: { id: randomUUID(), protocol, participants },
      })
    ).code

  expect(await post('mls', [bob.accountId])).toBe('protocol_not_supported')
  expect(await post('ecdh-2', [bob.accountId])).toBe('protocol_not_supported')
  expect(await post('ECDH', [bob.accountId])).toBe('invalid_request')
  expect(await post('ecdh', [alice.accountId])).toBe('participants_not_supported')
  expect(await post('ecdh', [bob.accountId, bob.accountId])).toBe('participants_not_supported')
  expect(await post('ecdh', [randomUUID()])).toBe('account_not_found')
})

test('a request waits, and accepts a limited number of envelopes', async () => {
  const [alice, bob] = await people()
  const id = await requestConversation(chat, alice, bob)
  const batch = Array.from({ length: MAX_REQUEST_ENVELOPES + 1 }, () => envelopeIn(id))

  const verdicts = await chat.send(batch.map((envelope) => [alice, envelope] as const))
  expect(verdicts.at(-2)).toMatchObject({ fate: 'accepted', seq: MAX_REQUEST_ENVELOPES })
  expect(verdicts.at(-1)).toMatchObject({ fate: 'refused', code: 'request_pending' })
  expect(await chat.send([[bob, envelopeIn(id)]])).toMatchObject([{ code: 'request_pending' }])

  await answer(chat, bob, id, 'accepted')
  expect(await chat.send([[bob, envelopeIn(id)]])).toMatchObject([{ fate: 'accepted' }])
})

test('waiting, declining and blocking look the same to the other account', async () => {
  const pair = await people()
  const [alice, bob] = pair
  const id = await requestConversation(chat, alice, bob)
  const waiting = await view(alice, id)

  await answer(chat, bob, id, 'declined')
  expect(await view(alice, id)).toEqual(waiting)
  expect(await statesAsSeenBy(bob, id, pair)).toEqual(['accepted', 'declined'])
  await answer(chat, bob, id, 'blocked')
  expect(await view(alice, id)).toEqual(waiting)
  expect(await statesAsSeenBy(bob, id, pair)).toEqual(['accepted', 'blocked'])
})

test('a block changes nothing that the other account sees until it writes', async () => {
  const [alice, bob] = await people()
  const id = await startConversation(chat, alice, bob)
  await chat.send([
    [alice, envelopeIn(id)],
    [alice, envelopeIn(id)],
  ])
  // Notifications about it prove that the marks of the first one were recorded, or will not be.
  const other = await startConversation(chat, await chat.person('Carol'), bob)
  await chat.send([
    [bob, envelopeIn(other)],
    [bob, envelopeIn(other)],
    [bob, envelopeIn(other)],
  ])
  await sayRead(bob, [id, other], 1)
  const before = await view(alice, id)
  expect(before.participants.find(({ accountId }) => accountId === bob.accountId)).toMatchObject({
    state: 'accepted',
    readSeq: 1,
  })
  await chat.settle()
  chat.events.length = 0

  const nothingIsSeen = async () => {
    await chat.settle()
    expect(await view(alice, id)).toEqual(before)
    const told = chat.events.filter((event) => event.recipients.includes(alice.accountId))
    expect(told).toEqual([])
  }
  await answer(chat, bob, id, 'blocked')
  await nothingIsSeen()
  await sayRead(bob, [id, other], 2)
  await nothingIsSeen()
  expect(await chat.send([[alice, envelopeIn(id)]])).toMatchObject([
    { code: 'conversation_closed' },
  ])
  const params = { accountId: alice.accountId }
  await chat.call(bob, chatRequests.unblock, { params })
  await nothingIsSeen()

  // Envelopes that were read in between count when the mark is sent again.
  await sayRead(bob, [id, other], 3)
  expect((await view(alice, id)).participants).toContainEqual(
    expect.objectContaining({ accountId: bob.accountId, readSeq: 2 }),
  )
})

/**
 * A device reports how far it has read in conversations. Waits for the notification of the last
 * one.
 */
async function sayRead({ actor }: Person, ids: readonly ConversationId[], seq: number) {
  const receipts = ids.map((conversationId) => ({
    actor,
    receipt: { conversationId, deliveredSeq: seq, readSeq: seq },
  }))
  await chat.command({ type: 'receipts.record', receipts })
  const last = ids.at(-1)
  await chat.event('receipts.changed', (event) =>
    event.receipts.some((one) => one.conversationId === last && one.readSeq === seq),
  )
}

test("declining notifies only the account's own devices, accepting notifies both sides", async () => {
  const [alice, bob] = await people()
  const id = await requestConversation(chat, alice, bob)
  const isBobs = ({
    conversationId,
    recipients,
  }: {
    conversationId: string
    recipients: string[]
  }) => conversationId === id && recipients.includes(bob.accountId)

  await answer(chat, bob, id, 'declined')
  expect((await chat.event('conversation.changed', isBobs)).recipients).toEqual([bob.accountId])
  chat.events.length = 0
  await answer(chat, bob, id, 'accepted')
  const { recipients } = await chat.event('conversation.changed', isBobs)
  expect(recipients.toSorted()).toEqual([alice.accountId, bob.accountId].toSorted())
})

test('an answer can be withdrawn', async () => {
  const [alice, bob] = await people()
  const id = await requestConversation(chat, alice, bob)
  const sendAs = async (person: Person) => (await chat.send([[person, envelopeIn(id)]]))[0]?.fate

  await answer(chat, bob, id, 'declined')
  expect(await sendAs(alice)).toBe('refused')
  await answer(chat, bob, id, 'accepted')
  expect(await sendAs(alice)).toBe('accepted')
  await answer(chat, alice, id, 'declined')
  expect(await sendAs(bob)).toBe('refused')
})

test('people who have accepted each other need no further request', async () => {
  const [alice, bob] = await people()
  await startConversation(chat, alice, bob)
  const second = await requestConversation(chat, bob, alice, 'rsa')
  expect(await statesAsSeenBy(alice, second, [alice, bob])).toEqual(['accepted', 'accepted'])
})

test('a declined request cannot be repeated in another protocol', async () => {
  const [alice, bob] = await people()
  const id = await requestConversation(chat, alice, bob)
  await answer(chat, bob, id, 'declined')

  expect((await create(alice, bob, { protocol: 'rsa' })).code).toBe('conversation_closed')
  // The account that declined may still start one.
  expect((await create(bob, alice, { protocol: 'rsa' })).status).toBe(200)
})

test('a block closes every conversation of the two', async () => {
  const [alice, bob] = await people()
  const one = await startConversation(chat, alice, bob)
  const other = await startConversation(chat, bob, alice, 'rsa')
  await answer(chat, bob, one, 'blocked')

  const verdicts = await chat.send([
    [alice, envelopeIn(one)],
    [alice, envelopeIn(other)],
    [bob, envelopeIn(other)],
  ])
  expect(verdicts.map((verdict) => verdict.fate === 'refused' && verdict.code)).toEqual(
    Array(3).fill('conversation_closed'),
  )
  const { body } = await chat.call(bob, chatRequests.listBlocked)
  expect(body.accounts).toEqual([alice.accountId])
})

test('while one of two people blocks the other, neither can start a conversation', async () => {
  const [alice, bob] = await people()
  await answer(chat, bob, await startConversation(chat, alice, bob), 'blocked')

  const asked = { protocol: 'rsa' }
  expect((await create(alice, bob, asked)).code).toBe('conversation_closed')
  expect((await create(bob, alice, asked)).code).toBe('conversation_closed')
})

test('unblocking restores the previous state, even if the request was never answered', async () => {
  const pair = await people()
  const [alice, bob] = pair
  const asked = await requestConversation(chat, alice, bob)
  const declined = await requestConversation(chat, alice, bob, 'rsa')
  await answer(chat, bob, declined, 'declined')
  await answer(chat, bob, asked, 'blocked')
  const params = { accountId: alice.accountId }
  expect((await chat.call(bob, chatRequests.unblock, { params })).status).toBe(200)

  expect(await statesAsSeenBy(bob, asked, pair)).toEqual(['accepted', 'requested'])
  expect(await statesAsSeenBy(bob, declined, pair)).toEqual(['accepted', 'declined'])
  expect((await chat.call(bob, chatRequests.listBlocked)).body.accounts).toEqual([])
  expect((await chat.call(bob, chatRequests.unblock, { params })).status).toBe(200)
})

test('accepting a conversation lifts the block of the other account', async () => {
  const pair = await people()
  const [alice, bob] = pair
  const one = await startConversation(chat, alice, bob)
  const other = await startConversation(chat, alice, bob, 'rsa')
  await answer(chat, bob, one, 'blocked')
  await answer(chat, bob, other, 'accepted')

  expect(await statesAsSeenBy(bob, one, pair)).toEqual(['accepted', 'accepted'])
  expect((await chat.call(bob, chatRequests.listBlocked)).body.accounts).toEqual([])
})

test('concurrent answers, creations and envelopes do not deadlock', async () => {
  const [alice, bob] = await people()
  const ids = await Promise.all(
    (['ecdh', 'rsa'] as const).map((protocol) => startConversation(chat, alice, bob, protocol)),
  )
  const everything = ids.flatMap((id) => [
    chat.send([
      [alice, envelopeIn(id)],
      [bob, envelopeIn(ids[0] ?? id)],
    ]),
    answer(chat, bob, id, 'blocked'),
    answer(chat, alice, id, 'declined'),
    create(alice, bob),
    answer(chat, bob, id, 'accepted'),
    chat.command({
      type: 'receipts.record',
      receipts: ids.map((conversationId) => ({
        actor: bob.actor,
        receipt: { conversationId, deliveredSeq: 1, readSeq: 1 },
      })),
    }),
  ])
  const settled = await Promise.all(everything)
  const answered = settled.filter((one) => one !== undefined && 'status' in one)
  expect(answered.filter(({ status }) => status >= 500)).toEqual([])
})

test('a person may send contact requests to fifty strangers per day', async () => {
  const alice = await chat.person('Alice')
  const strangers = await Promise.all(
    Array.from({ length: 51 }, (_, n) => chat.person(`Stranger ${n}`)),
  )
  const answers = []
  for (const stranger of strangers) answers.push(await create(alice, stranger))

  expect(answers.filter(({ status }) => status === 200)).toHaveLength(50)
  expect(answers.at(-1)?.code).toBe('rate_limited')
})
