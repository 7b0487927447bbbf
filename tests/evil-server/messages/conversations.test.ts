import type { AccountId, ConversationId } from '@sotto/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { storedValue } from '../../network/stored-value.ts'
import { Scene } from '../scene.ts'
import { expectShown, whileAway } from '../shown.ts'

let scene: Scene

beforeAll(async () => {
  scene = await Scene.start()
})
afterAll(() => scene[Symbol.asyncDispose]())

type Deed = (id: ConversationId) => Promise<unknown>

const deeds: [what: string, change: () => Deed, undo: () => Deed][] = [
  [
    'is said to have another protocol',
    () => (id) => scene.owner.setProtocol(id, 'rsa'),
    () => (id) => scene.owner.setProtocol(id, 'ecdh'),
  ],
  [
    'is said to be with someone else',
    () => {
      const [his, hers] = [scene.alice.accountId, scene.carol.accountId]
      return async (id) => {
        await scene.owner.removeParticipant(id, his)
        await scene.owner.addParticipant(id, hers)
      }
    },
    () => {
      const [his, hers] = [scene.alice.accountId, scene.carol.accountId]
      return async (id) => {
        await scene.owner.removeParticipant(id, hers)
        await scene.owner.addParticipant(id, his)
      }
    },
  ],
  [
    'is said to have one more participant',
    () => {
      const { accountId } = scene.carol
      return (id) => scene.owner.addParticipant(id, accountId)
    },
    () => {
      const { accountId } = scene.carol
      return (id) => scene.owner.removeParticipant(id, accountId)
    },
  ],
]

test.each(deeds)('a conversation that %s stays as it is', async (_, change, undo) => {
  const { alice, bob, carol } = scene
  const id = await scene.readOn('ecdh', ['one'], async () => {})
  const other = await carol.startConversation(bob)
  const before = await bob.device.conversation(id)

  await whileAway(bob, async () => {
    await alice.send(id, 'two')
    await change()(id)
    await carol.send(other, 'and I?')
  })

  await expect
    .poll(() => bob.device.failures)
    .toContainEqual(expect.objectContaining({ code: 'untrusted_answer' }))
  await expect
    .poll(() => bob.device.client.snapshot({ view: 'doubt' }))
    .toMatchObject({ untrustedAt: expect.any(Number) })
  await bob.device.message(other, ({ text }) => text === 'and I?')
  await expectShown(bob.device, id, ['one'])
  const { protocol, participants } = await bob.device.conversation(id)
  expect({ protocol, participants }).toEqual({
    protocol: before.protocol,
    participants: before.participants,
  })

  await undo()(id)
  await bob.commands.reconnect()
  await scene.expectToGoOn(id, ['one', 'two'])
})

test('no account is learned from an answer whose conversation is refused', async () => {
  const { alice, bob } = scene
  const id = await scene.readOn('ecdh', ['one'], async () => {})
  const dave = await scene.network.person('dave')
  await bob.device.close()
  await bob.device.open({ fetch: withPeer(id, alice.accountId, dave.accountId) })
  await bob.device.online()

  // This makes Bob read the conversation again.
  await expect(bob.commands.answerRequest(id, 'accepted')).rejects.toMatchObject({
    code: 'untrusted_answer',
  })

  expect(await storedValue(bob.device.storage, 'contacts', dave.accountId)).toBeUndefined()
  await bob.device.close()
  await bob.device.open()
  await scene.expectToGoOn(id, ['one'])
})

/** A server that shows a conversation with another peer, and that peer's genuine account. */
function withPeer(id: ConversationId, peer: AccountId, other: AccountId): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init)
    const url = new URL(String(input))
    if (url.pathname !== `/conversations/${id}` || !response.ok) return response
    const { conversation } = await response.json()
    const account = await fetch(new URL(`/users/${other}`, url), init)
    const participants = conversation.participants.map((one: { accountId: AccountId }) =>
      one.accountId === peer ? { ...one, accountId: other } : one,
    )
    return Response.json({
      conversation: { ...conversation, participants },
      accounts: [await account.json()],
    })
  }
}
