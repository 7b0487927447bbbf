import { type ConversationId, chatRequests } from '@sotto/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  answer,
  envelopeIn,
  type Person,
  requestConversation,
  startConversation,
} from '../person.ts'
import { startChat, type TestChat } from '../start-chat.ts'
import { create, statesAsSeenBy, twoPeople, view } from './two-people.ts'

let chat: TestChat

beforeAll(async () => {
  chat = await startChat()
})
afterAll(() => chat[Symbol.asyncDispose]())

test('a block changes nothing that the other account sees until it writes', async () => {
  const [alice, bob] = await twoPeople(chat)
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
  const before = await view(chat, alice, id)
  expect(before.participants.find(({ accountId }) => accountId === bob.accountId)).toMatchObject({
    state: 'accepted',
    readSeq: 1,
  })
  await chat.settle()
  chat.events.length = 0

  const nothingIsSeen = async () => {
    await chat.settle()
    expect(await view(chat, alice, id)).toEqual(before)
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
  expect((await view(chat, alice, id)).participants).toContainEqual(
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

test('a block closes every conversation of the two', async () => {
  const [alice, bob] = await twoPeople(chat)
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
  const [alice, bob] = await twoPeople(chat)
  await answer(chat, bob, await startConversation(chat, alice, bob), 'blocked')

  const asked = { protocol: 'rsa' }
  expect((await create(chat, alice, bob, asked)).code).toBe('conversation_closed')
  expect((await create(chat, bob, alice, asked)).code).toBe('conversation_closed')
})

test('unblocking restores the previous state, even if the request was never answered', async () => {
  const pair = await twoPeople(chat)
  const [alice, bob] = pair
  const asked = await requestConversation(chat, alice, bob)
  const declined = await requestConversation(chat, alice, bob, 'rsa')
  await answer(chat, bob, declined, 'declined')
  await answer(chat, bob, asked, 'blocked')
  const params = { accountId: alice.accountId }
  expect((await chat.call(bob, chatRequests.unblock, { params })).status).toBe(200)

  expect(await statesAsSeenBy(chat, bob, asked, pair)).toEqual(['accepted', 'requested'])
  expect(await statesAsSeenBy(chat, bob, declined, pair)).toEqual(['accepted', 'declined'])
  expect((await chat.call(bob, chatRequests.listBlocked)).body.accounts).toEqual([])
  expect((await chat.call(bob, chatRequests.unblock, { params })).status).toBe(200)
})

test('accepting a conversation lifts the block of the other account', async () => {
  const pair = await twoPeople(chat)
  const [alice, bob] = pair
  const one = await startConversation(chat, alice, bob)
  const other = await startConversation(chat, alice, bob, 'rsa')
  await answer(chat, bob, one, 'blocked')
  await answer(chat, bob, other, 'accepted')

  expect(await statesAsSeenBy(chat, bob, one, pair)).toEqual(['accepted', 'accepted'])
  expect((await chat.call(bob, chatRequests.listBlocked)).body.accounts).toEqual([])
})
