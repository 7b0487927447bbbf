import { randomUUID } from 'node:crypto'
import { type ConversationId, chatRequests } from '@sotto/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { answer, envelopeIn, requestConversation, startConversation } from '../person.ts'
import { startChat, type TestChat } from '../start-chat.ts'
import { create, statesAsSeenBy, twoPeople } from './two-people.ts'

let chat: TestChat

beforeAll(async () => {
  chat = await startChat()
})
afterAll(() => chat[Symbol.asyncDispose]())

test('the other account is notified immediately, with the keys of both and its own view', async () => {
  const [alice, bob] = await twoPeople(chat)
  const id = randomUUID()
  const created = await create(chat, alice, bob, { id })

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
  const [alice, bob] = await twoPeople(chat)
  const id = randomUUID()
  const first = await create(chat, alice, bob, { id })
  await chat.settle()
  const told = chat.events.length

  expect((await create(chat, alice, bob, { id })).body).toEqual(first.body)
  await chat.settle()
  expect(chat.events).toHaveLength(told)
})

test('another request under the same id is rejected', async () => {
  const [alice, bob] = await twoPeople(chat)
  const carol = await chat.person('Carol')
  const id = randomUUID()
  await create(chat, alice, bob, { id })

  expect((await create(chat, bob, alice, { id })).code).toBe('conversation_exists')
  expect((await create(chat, alice, carol, { id })).code).toBe('conversation_exists')
  expect((await create(chat, carol, alice, { id })).code).toBe('conversation_exists')
  expect((await create(chat, alice, bob, { id, protocol: 'rsa' })).code).toBe('conversation_exists')
  // It reveals nothing about another account's conversation.
  expect((await create(chat, carol, alice, { id })).body).toEqual({ code: 'conversation_exists' })
})

test('two people have one conversation per protocol, and a second request names it', async () => {
  const [alice, bob] = await twoPeople(chat)
  const id = randomUUID()
  await create(chat, alice, bob, { id })
  const named = { code: 'conversation_exists', details: { conversationId: id } }

  expect((await create(chat, alice, bob)).body).toEqual(named)
  expect((await create(chat, bob, alice)).body).toEqual(named)
  expect((await create(chat, bob, alice, { id })).body).toEqual(named)
  expect((await create(chat, alice, bob, { protocol: 'rsa' })).status).toBe(200)
  await answer(chat, bob, id as ConversationId, 'blocked')
  expect((await create(chat, alice, bob)).body).toEqual(named)
})

test('two people who write to each other concurrently have one conversation', async () => {
  const [alice, bob] = await twoPeople(chat)
  const answers = await Promise.all([
    create(chat, alice, bob),
    create(chat, bob, alice),
    create(chat, alice, bob),
    create(chat, bob, alice),
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
  const [alice, bob] = await twoPeople(chat)
  const id = randomUUID()
  const answers = await Promise.all([1, 2, 3, 4].map(() => create(chat, alice, bob, { id })))
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
})

test('rejects unsupported and invalid conversations', async () => {
  const [alice, bob] = await twoPeople(chat)
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

test('people who have accepted each other need no further request', async () => {
  const [alice, bob] = await twoPeople(chat)
  await startConversation(chat, alice, bob)
  const second = await requestConversation(chat, bob, alice, 'rsa')
  expect(await statesAsSeenBy(chat, alice, second, [alice, bob])).toEqual(['accepted', 'accepted'])
})

test('a declined request cannot be repeated in another protocol', async () => {
  const [alice, bob] = await twoPeople(chat)
  const id = await requestConversation(chat, alice, bob)
  await answer(chat, bob, id, 'declined')

  expect((await create(chat, alice, bob, { protocol: 'rsa' })).code).toBe('conversation_closed')
  // The account that declined may still start one.
  expect((await create(chat, bob, alice, { protocol: 'rsa' })).status).toBe(200)
})

test('concurrent answers, creations and envelopes do not deadlock', async () => {
  const [alice, bob] = await twoPeople(chat)
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
    create(chat, alice, bob),
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
