import {
  keysOf,
  openContacts,
  openKeyBox,
  parseRecoveryCode,
  publicKeysOf,
  unwrapRootSecret,
  verifyManifest,
} from '@sotto/crypto'
import { authRequests, CloseCode, chatRequests } from '@sotto/wire'
import { expect } from 'vitest'
import { RawDevice } from '../raw/raw-device.ts'
import { open } from '../raw/raw-messages.ts'
import type { RawSocket } from '../raw/raw-socket.ts'
import { nameDevice } from './name-values.ts'
import type { Scene, Talk } from './scene.ts'

/** Alice's second device. */
export interface Laptop {
  readonly device: RawDevice
  readonly socket: RawSocket
}

/** Alice logs in on a laptop, and unlocks it with her recovery code. */
export async function addLaptop(scene: Scene, talks: readonly Talk[]): Promise<Laptop> {
  const { recording, values, alice, bobs, phone } = scene
  recording.chapter(
    'A second device',
    'Alice logs in on a laptop, which has its own device id. The account already has keys, so the laptop is locked.',
  )
  const device = await RawDevice.create(alice.server, {
    name: "Alice's laptop",
    recorder: recording.of("Alice's laptop"),
  })
  nameDevice(values, device, "Alice's laptop")
  await device.logIn(alice.account.phone)
  await unlock(scene, device)
  recording.say(
    'It enrolls itself, and proves its log-in. Contacts and the own other devices are told to read the account again.',
  )
  device.account = alice.account
  await device.enroll()
  for (const socket of [phone, bobs]) await socket.next('account_changed')
  recording.say('Then it connects, and reads what there is.')
  const socket = await device.connect()
  await device.call(chatRequests.listChanges, { query: {} })
  for (const talk of talks) await readAll(scene, device, talk)
  return { device, socket }
}

/** From the recovery code to the keys (PROTOCOL.md §4.3, §10.6). */
async function unlock({ recording, alice }: Scene, device: RawDevice): Promise<void> {
  recording.say(
    'The era and the manifest come first: the manifest names the newest version of everything. Then the wrap, which the recovery code opens, and the boxes, which the root secret in it opens.',
  )
  const { accountId, recoveryCode } = alice.account
  await device.call(chatRequests.readEra, {})
  const { manifest } = await device.call(chatRequests.getManifest, {})
  await device.call(chatRequests.ownUser, {})
  const { wraps } = await device.call(authRequests.listWraps, {})
  const wrap = wraps.find(({ kind }) => kind === 'recovery_code')
  const keys = await device.call(chatRequests.getBox, { params: { box: 'keys' } })
  const contacts = await device.call(chatRequests.getBox, { params: { box: 'contacts' } })
  if (!manifest || !wrap || !keys.box || !contacts.box)
    throw new Error('the server lacks something')
  const code = await parseRecoveryCode(recoveryCode)
  const rootSecret = await unwrapRootSecret(wrap, { kind: 'recovery_code', code }, accountId)
  const opened = await keysOf(await openKeyBox(rootSecret, accountId, keys.box))
  const { identityKey } = publicKeysOf(opened)
  const { boxes } = await verifyManifest(manifest, identityKey)
  expect(boxes).toEqual({ keys: keys.box.version, contacts: contacts.box.version })
  expect(await openContacts(rootSecret, accountId, contacts.box)).toEqual(alice.account.pins)
}

/** The laptop opens an entire log, with the messages of both sides. */
async function readAll(scene: Scene, device: RawDevice, { id, protocol }: Talk): Promise<void> {
  const { pinned: peer, pinnedByBob: own = peer } = scene
  const params = { conversationId: id }
  await device.call(chatRequests.getConversation, { params })
  const { envelopes } = await device.call(chatRequests.readLog, { params, query: {} })
  for (const envelope of envelopes) {
    const sender = envelope.senderAccountId === device.accountId ? own : peer
    const { message } = await open(device, { peer, sender }, envelope, protocol)
    expect(message).toBe(envelope.id)
  }
}

/** The laptop is stolen. */
export async function revokeLaptop(scene: Scene, laptop: Laptop): Promise<void> {
  const { recording, alice, phone, bobs } = scene
  recording.chapter(
    'The laptop is revoked',
    'From her phone Alice publishes a record that names the laptop as revoked, and a manifest of it. `at` is the later of her clock and the newest `acceptedAt` that she has seen: what the laptop wrote until then counts, and nothing after it.',
  )
  const { account } = alice
  account.revoked.push({ device: laptop.device.deviceId, at: Date.now() })
  await alice.publishNext()
  account.versions.manifest += 1
  await alice.call(chatRequests.putManifest, { body: { manifest: await account.manifest() } })
  for (const socket of [phone, bobs]) await socket.next('account_changed')
  expect(await laptop.socket.closeCode()).toBe(CloseCode.sessionEnded)
  recording.say('The connection of the laptop ends with 4002, and its session with it.')
  const body = { refresh_token: laptop.device.tokens.refresh_token }
  const refused = await laptop.device.refusal(authRequests.refresh, { body })
  expect(refused.code).toBe('refresh_refused')
}
