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

let chat: TestChat
beforeAll(async () => {
  chat = await startChat()
})
afterAll(() => chat[Symbol.asyncDispose]())

/** The number of the latest transaction that wrote a mark. */
async function latestMark(): Promise<number> {
  const [row] = await chat.sql<{ number: number | null }[]>`
    select max(number)::int as number from chat.acceptance_marks`
  return row?.number ?? 0
}

interface Scene {
  readonly alice: Person
  readonly bob: Person
  readonly id: ConversationId
}

async function setScene(): Promise<Scene> {
  const [alice, bob] = [await chat.person('Alice'), await chat.person('Bob')]
  const id = await startConversation(chat, alice, bob)
  await chat.send([[alice, envelopeIn(id)]])
  return { alice, bob, id }
}

async function read({ bob, id }: Scene) {
  const receipt = { conversationId: id, deliveredSeq: 1, readSeq: 1 }
  await chat.command({ type: 'receipts.record', receipts: [{ actor: bob.actor, receipt }] })
  await chat.event('receipts.changed', (event) => event.receipts[0]?.conversationId === id)
}

const putBox = ({ alice }: Scene) =>
  chat.call(
    alice,
    chatRequests.putBox,
    alice.box('contacts', { version: 1, ciphertext: 'c2VhbGVk' }),
  )

test.each<[string, (scene: Scene) => Promise<unknown>]>([
  ['a box', putBox],
  ['a conversation', ({ alice, bob }) => requestConversation(chat, alice, bob, 'rsa')],
  ['an answer', ({ bob, id }) => answer(chat, bob, id, 'declined')],
  ['a block', ({ bob, id }) => answer(chat, bob, id, 'blocked')],
  [
    'an account record',
    ({ alice }) =>
      chat.call(alice, chatRequests.putUser, {
        body: { record: alice.record({ version: 2 }), picture: null },
      }),
  ],
  [
    'a device',
    ({ alice }) =>
      chat.call(alice, chatRequests.putDevice, {
        params: { deviceId: alice.deviceId },
        body: { credential: alice.credential() },
      }),
  ],
  ['a receipt', read],
])('%s writes a mark, so that its loss is noticed', async (_, write) => {
  const scene = await setScene()
  const before = await latestMark()

  await write(scene)

  expect(await latestMark()).toBeGreaterThan(before)
})

test('a request that changes nothing writes no mark', async () => {
  const scene = await setScene()
  await putBox(scene)
  const before = await latestMark()

  await putBox(scene)
  await chat.send([[scene.alice, envelopeIn(scene.id)]])

  expect(await latestMark()).toBe(before)
})

test('concurrent transactions share no slot, and slots are reused', async () => {
  const alice = await chat.person('Alice')
  for (let round = 0; round < 3; round += 1) {
    const others = await Promise.all(
      Array.from({ length: 5 }, (_, n) => chat.person(`Other ${round}.${n}`)),
    )
    await Promise.all(others.map((other) => requestConversation(chat, alice, other)))
  }

  const rows = await chat.sql<{ slot: number }[]>`select slot from chat.acceptance_marks`
  expect(rows.length).toBeLessThanOrEqual(8)
})
