import {
  type AccountKeys,
  derivePairwiseKeys,
  type OutgoingContent,
  recipientTag,
  sealMessageEcdh,
} from '@sotto/crypto'
import { type ConversationId, EnvelopeId } from '@sotto/wire'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { eventually } from '../network/eventually.ts'
import { TamperingProxy } from '../network/tampering-proxy.ts'
import type { EnvelopeRow } from './bad-owner.ts'
import { Scene } from './scene.ts'
import { expectShown, shownOn, whileAway } from './shown.ts'

vi.setConfig({ testTimeout: 60_000 })

// In `ecdh` the other side and the owner together make messages in Alice's name. Her own device knows
// what it wrote, also when such a message takes the id or the counter of one that is under way.

let scene: Scene

beforeAll(async () => {
  scene = await Scene.start()
})
afterAll(() => scene[Symbol.asyncDispose]())

/** A row in the name of Alice's device. */
async function forged(
  id: ConversationId,
  changes: Partial<OutgoingContent> = {},
): Promise<EnvelopeRow> {
  const { alice, bob } = scene
  const me = alice.device.me()
  const theirs = (await bob.device.storage.get('keys', 'account')) as AccountKeys
  const ours = (await alice.device.storage.get('keys', 'account')) as AccountKeys
  const pairwise = await derivePairwiseKeys(ours.ecdh[0], theirs.ecdh[0].publicKey, id)
  const identityKey = Buffer.from(theirs.identity.publicKey).toString('base64url')
  const content: OutgoingContent = {
    type: 'text',
    conversation: id,
    message: EnvelopeId.parse(crypto.randomUUID()),
    account: me.accountId,
    device: me.deviceId,
    to: await recipientTag(bob.accountId, identityKey),
    record: 1,
    manifest: 1,
    counter: 1,
    skipped: [],
    sentAt: 1,
    text: 'never said',
    ...changes,
  }
  return {
    conversation_id: id,
    seq: 0,
    id: content.message,
    sender_account_id: content.account,
    sender_device_id: content.device,
    accepted_at: Date.now(),
    kind: 'message',
    ciphertext: await sealMessageEcdh(pairwise, content),
  }
}

test('a lost message does not come back with other words, and these are not sent for it', async () => {
  const { alice, bob, owner } = scene
  const id = await owner.beginConversation('ecdh', alice, bob)
  await alice.commands.reconnect()
  await alice.device.conversation(id)
  const { id: message } = await alice.send(id, 'I owe you 1')
  const row = await forged(id, { message, text: 'I owe you 1000' })
  await whileAway(alice, async () => {
    await owner.empty(id)
    await owner.append(id, row)
    await owner.beginEra()
  })
  await eventually('the forged one', () => shownOn(alice.device, id).includes('I owe you 1000'))

  expect(shownOn(alice.device, id)).toContain('[not_written_here]')
  expect(shownOn(alice.device, id)).toContain('I owe you 1')

  await whileAway(alice, async () => {
    await owner.empty(id)
    await owner.beginEra()
  })
  await new Promise((done) => setTimeout(done, 1_000))
  // The id is taken for good; the person may send the genuine one again.
  expect(await owner.log(id)).toEqual([])
  await alice.commands.retry(id, message)
  await bob.device.message(id, ({ text }) => text === 'I owe you 1')
})

test('a message that was given up does not turn up with other words', async () => {
  const { alice, bob, owner, network } = scene
  await using proxy = await TamperingProxy.start(network.origin)
  const id = await owner.beginConversation('ecdh', alice, bob)
  await scene.aliceWrites(id, ['one'])
  await alice.device.close()
  proxy.tampering = {
    fromClient(frame) {
      const { type } = JSON.parse(frame)
      return type === 'send' ? [] : [frame]
    },
  }
  await alice.device.open({ origin: proxy.origin })
  await alice.device.online()
  const message = await alice.commands.send(id, 'given up')
  await eventually('it to leave', () =>
    proxy.recorded.some(({ what }) => what === 'frame to the server: send'),
  )
  await alice.commands.discard(id, message)
  const row = await forged(id, { message, counter: 2 })
  await alice.device.close()
  await owner.append(id, row)
  await alice.device.open()
  await alice.device.online()

  await expectShown(alice.device, id, ['one', '[not_written_here]', 'never said'])
})

test('a forged message takes no counter from the one that is under way', async () => {
  const { alice, bob, owner, network } = scene
  await using proxy = await TamperingProxy.start(network.origin)
  const id = await owner.beginConversation('ecdh', alice, bob)
  await scene.aliceWrites(id, ['one'])
  await alice.device.close()
  let isHeld = true
  proxy.tampering = {
    fromClient(frame) {
      const { type } = JSON.parse(frame)
      return type === 'send' && isHeld ? [] : [frame]
    },
  }
  await alice.device.open({ origin: proxy.origin })
  await alice.device.online()
  await alice.commands.send(id, 'two')
  await eventually('it to leave', () =>
    proxy.recorded.some(({ what }) => what === 'frame to the server: send'),
  )
  await owner.append(id, await forged(id, { counter: 2 }))
  await alice.commands.reconnect()
  await alice.device.message(id, ({ text }) => text === 'never said')
  isHeld = false
  proxy.cut()
  await eventually('it to arrive', async () => (await owner.log(id)).length === 3)
  await new Promise((done) => setTimeout(done, 500))

  await expectShown(alice.device, id, ['one', '[not_written_here]', 'never said', 'two'])
  await alice.device.close()
  await alice.device.open()
  await alice.device.online()
  await expectShown(alice.device, id, ['one', '[not_written_here]', 'never said', 'two'])
  expect(await alice.device.storage.range('outbox', { from: id, below: `${id}~` })).toEqual([])
})
