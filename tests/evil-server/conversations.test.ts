import type { ConversationId } from '@sotto/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Scene } from './scene.ts'
import { expectShown, whileAway } from './shown.ts'

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
    'is said to be with somebody else',
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
    'is said to have one more in it',
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

test.each(deeds)('a conversation that %s stays what it is', async (_, change, undo) => {
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
  const { protocol, peer } = await bob.device.conversation(id)
  expect({ protocol, peer }).toEqual({ protocol: before.protocol, peer: before.peer })

  await undo()(id)
  await bob.commands.reconnect()
  await scene.expectToGoOn(id, ['one', 'two'])
})
