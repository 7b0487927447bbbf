import { MAX_REQUEST_ENVELOPES } from '@sotto/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { answer, envelopeIn, type Person, requestConversation } from '../person.ts'
import { startChat, type TestChat } from '../start-chat.ts'
import { create, statesAsSeenBy, twoPeople, view } from './two-people.ts'

let chat: TestChat

beforeAll(async () => {
  chat = await startChat()
})
afterAll(() => chat[Symbol.asyncDispose]())

test('a request waits, and accepts a limited number of envelopes', async () => {
  const [alice, bob] = await twoPeople(chat)
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
  const pair = await twoPeople(chat)
  const [alice, bob] = pair
  const id = await requestConversation(chat, alice, bob)
  const waiting = await view(chat, alice, id)

  await answer(chat, bob, id, 'declined')
  expect(await view(chat, alice, id)).toEqual(waiting)
  expect(await statesAsSeenBy(chat, bob, id, pair)).toEqual(['accepted', 'declined'])
  await answer(chat, bob, id, 'blocked')
  expect(await view(chat, alice, id)).toEqual(waiting)
  expect(await statesAsSeenBy(chat, bob, id, pair)).toEqual(['accepted', 'blocked'])
})

test("declining notifies only the account's own devices, accepting notifies both sides", async () => {
  const [alice, bob] = await twoPeople(chat)
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
  const [alice, bob] = await twoPeople(chat)
  const id = await requestConversation(chat, alice, bob)
  const sendAs = async (person: Person) => (await chat.send([[person, envelopeIn(id)]]))[0]?.fate

  await answer(chat, bob, id, 'declined')
  expect(await sendAs(alice)).toBe('refused')
  await answer(chat, bob, id, 'accepted')
  expect(await sendAs(alice)).toBe('accepted')
  await answer(chat, alice, id, 'declined')
  expect(await sendAs(bob)).toBe('refused')
})

test('a person may send contact requests to fifty strangers per day', async () => {
  const alice = await chat.person('Alice')
  const strangers = await Promise.all(
    Array.from({ length: 51 }, (_, n) => chat.person(`Stranger ${n}`)),
  )
  const answers = []
  for (const stranger of strangers) answers.push(await create(chat, alice, stranger))

  expect(answers.filter(({ status }) => status === 200)).toHaveLength(50)
  expect(answers.at(-1)?.code).toBe('rate_limited')
})
