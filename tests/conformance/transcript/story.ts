import { authRequests, type ConversationId, chatRequests } from '@sotto/wire'
import { expect } from 'vitest'
import { RawAccount } from '../raw/raw-account.ts'
import { RawDevice, signUp } from '../raw/raw-device.ts'
import { type Peer, readPeer } from '../raw/raw-messages.ts'
import type { ServerUnderTest } from '../raw/raw-server.ts'
import { addLaptop, revokeLaptop } from './laptop.ts'
import { createConversation, loseVerdict, talkInRsa, write } from './messages.ts'
import { nameAccount, nameDevice } from './name-values.ts'
import type { Recording } from './recording.ts'
import type { Scene, Talk } from './scene.ts'
import type { StableValues } from './stable-values.ts'

/**
 * Alice meets Bob: one story that covers a client's work. Devices act one at a time and process their frames in a fixed
 * order, so the transcript never varies.
 */
export async function playStory(
  server: ServerUnderTest,
  recording: Recording,
  values: StableValues,
): Promise<{ bob: RawDevice; talks: readonly Talk[] }> {
  const bob = await signUp(server, 'Bob', { withRsa: true, device: "Bob's phone" })
  nameDevice(values, bob, "Bob's phone")
  await nameAccount(values, bob.account, 'Bob')
  await bob.call(authRequests.setFindable, { body: { findable: true } })
  const alice = await signUpAlice(server, recording, values)
  const scene = await meetBob({ recording, values, alice, bob })
  const id = await ask(scene)
  await accept(scene, id)
  await loseVerdict(scene, id)
  const rsa = await talkInRsa(scene)
  const talks: readonly Talk[] = [
    { id, protocol: 'ecdh' },
    { id: rsa, protocol: 'rsa' },
  ]
  const laptop = await addLaptop(scene, talks)
  await revokeLaptop(scene, laptop)
  for (const socket of [scene.phone, scene.bobs]) {
    expect(socket.unread()).toEqual([])
    socket[Symbol.dispose]()
  }
  return { bob, talks }
}

async function signUpAlice(
  server: ServerUnderTest,
  recording: Recording,
  values: StableValues,
): Promise<RawDevice> {
  recording.chapter(
    'Alice signs up by phone',
    'A device chooses its id before its first log-in. The number is new, so the right code creates the account.',
  )
  const alice = await RawDevice.create(server, {
    name: "Alice's phone",
    recorder: recording.of("Alice's phone"),
  })
  nameDevice(values, alice, "Alice's phone")
  const phone = server.newPhone()
  const { account_id: accountId } = await alice.logIn(phone)
  recording.say('The server has no keys of her account. Its era is kept with all that follows.')
  await alice.call(chatRequests.ownUser, {})
  await alice.call(chatRequests.readEra, {})
  alice.account = await RawAccount.create({ accountId, phone, name: 'Alice' }, { withRsa: true })
  await nameAccount(values, alice.account, 'Alice')
  recording.say(
    'Now the device makes a root secret, the keys and a recovery code, and uploads them: the record, both boxes, the wrap, its own credential, and a manifest of all that (PROTOCOL.md, section 10.5). Boxes and wraps go with a statement of the identity key that says what is written (section 3.7). With a proof by the device key the log-in counts as one of a device of the account (section 10.16).',
  )
  await alice.publishAll()
  return alice
}

async function meetBob(
  parts: Pick<Scene, 'recording' | 'values' | 'alice' | 'bob'>,
): Promise<Scene> {
  const { recording, alice, bob } = parts
  recording.chapter(
    'She connects',
    'The first frame says who she is. Before she sends anything else she reads what has changed.',
  )
  const phone = await alice.connect()
  await alice.call(chatRequests.listChanges, { query: {} })

  recording.chapter(
    'She finds Bob',
    'Bob has signed up in the same way, and has said that he wants to be found. She verifies his record with the identity key in it. His devices are for those who share a conversation with him.',
  )
  const { accountId } = await alice.call(authRequests.lookUp, {
    body: { phone: bob.account.phone },
  })
  const peer = await readPeer(await alice.call(chatRequests.getUser, { params: { accountId } }))
  recording.say('Bob connects, too.')
  Object.assign(bob.recorder, recording.of("Bob's phone"))
  const bobs = await bob.connect()
  await bob.call(chatRequests.listChanges, { query: {} })
  return { ...parts, phone, bobs, pinned: peer }
}

/** Pins a contact: the box in its next version, then a manifest that names it. */
async function pin(device: RawDevice, { record }: Peer): Promise<void> {
  const { account } = device
  const { account: peer, identityKey, version: recordVersion } = record
  account.pins.push({ account: peer, identityKey, recordVersion, verified: false, former: [] })
  account.versions.contacts += 1
  account.versions.manifest += 1
  await device.putBox('contacts', await account.sealedContacts())
  await device.call(chatRequests.putManifest, { body: { manifest: await account.manifest() } })
}

async function ask(scene: Scene): Promise<ConversationId> {
  const { recording, alice, bob, bobs, phone } = scene
  recording.chapter(
    'She asks Bob',
    'She chooses the id of the conversation. Bob hears of it at once, with her account, and stands at `requested`.',
  )
  const id = await createConversation(scene, 'ecdh', 'the ecdh conversation')
  await phone.next('conversation_changed')
  const created = await bobs.next('conversation_created')
  recording.say(
    'Now Bob belongs in her box `contacts`, with the key that she pinned at the first contact: its next version, and a manifest that says so.',
  )
  await pin(alice, scene.pinned)
  await phone.next('box_changed')
  const hers = created.accounts.find(({ accountId }) => accountId === alice.accountId)
  if (!hers) throw new Error("the frame lacks Alice's account")
  scene.pinnedByBob = await readPeer(hers)
  recording.say('Up to twenty envelopes may wait for his answer.')
  await write(scene, { from: 'alice', id, protocol: 'ecdh', text: 'Hello Bob, may I?', counter: 1 })
  expect(bob.accountId).toBe(scene.pinned.record.account)
  return id
}

/** Bob accepts, reads what was sent, and sends receipts. */
async function accept(scene: Scene, id: ConversationId): Promise<void> {
  const { recording, alice, bob, bobs, phone } = scene
  recording.chapter(
    'Bob accepts',
    'Alice is told that something changed, and reads the conversation.',
  )
  await bob.answer(id, 'accepted')
  await bobs.next('conversation_changed')
  await phone.next('conversation_changed')
  const params = { conversationId: id }
  await alice.call(chatRequests.getConversation, { params })
  recording.say('Bob has read her message. The mark goes to her, and to his own devices.')
  const receipt = { conversationId: id, deliveredSeq: 1, readSeq: 1 }
  bobs.send({ type: 'receipts', receipts: [receipt] })
  await bobs.next('receipts')
  await phone.next('receipts')
}
