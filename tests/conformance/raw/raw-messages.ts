import {
  type Content,
  decodeBase64url,
  derivePairwiseKeys,
  importRsaPublicKey,
  type OutgoingContent,
  openMessageEcdh,
  openMessageRsa,
  recipientTag,
  rsaKid,
  sealMessageEcdh,
  sealMessageRsa,
  verifyCredential,
  verifyRecord,
} from '@sotto/crypto'
import {
  type AccountRecord,
  type ConversationId,
  EnvelopeId,
  type NewEnvelope,
  type PublishedAccount,
  type StoredEnvelope,
} from '@sotto/wire'
import type { RawDevice } from './raw-device.ts'

/** Another account, as it was read and verified. */
export interface Peer {
  readonly record: AccountRecord
  readonly published: PublishedAccount
}

/** Verifies what the server says about an account (PROTOCOL.md §1.1), at first contact. */
export async function readPeer(published: PublishedAccount): Promise<Peer> {
  return { record: await verifyRecord(published.record), published }
}

export interface Written {
  readonly conversation: ConversationId
  readonly protocol: 'ecdh' | 'rsa'
  readonly text: string
  readonly counter: number
}

/** Seals a message of `device` for `peer` (PROTOCOL.md §2 to §4). */
export async function seal(
  device: RawDevice,
  { record }: Peer,
  { conversation, protocol, text, counter }: Written,
): Promise<{ envelope: NewEnvelope; content: OutgoingContent }> {
  const { account, deviceId, key } = device
  const message = EnvelopeId.parse(crypto.randomUUID())
  const content: OutgoingContent = {
    type: 'text',
    conversation,
    message,
    account: account.accountId,
    device: deviceId,
    to: await recipientTag(record.account, record.identityKey),
    record: account.versions.record,
    manifest: account.versions.manifest,
    counter,
    skipped: [],
    sentAt: Date.now(),
    text,
  }
  const ciphertext =
    protocol === 'rsa'
      ? await sealMessageRsa(key, content, await recipientsOf(device, record))
      : await sealMessageEcdh(await keysWith(device, record, conversation), content)
  return {
    envelope: { id: message, conversationId: conversation, kind: 'message', ciphertext },
    content,
  }
}

/**
 * Opens an envelope of a conversation with `peer`. `sender` is the account of its sender: the peer, or
 * the own one.
 */
export async function open(
  device: RawDevice,
  { peer, sender }: { readonly peer: Peer; readonly sender: Peer },
  { conversationId, ciphertext, ...envelope }: StoredEnvelope,
  protocol: 'ecdh' | 'rsa',
): Promise<Content> {
  const isOwn = envelope.senderAccountId === device.accountId
  if (protocol === 'ecdh') {
    const { sending, receiving } = await keysWith(device, peer.record, conversationId)
    return openMessageEcdh(isOwn ? sending : receiving, ciphertext)
  }
  const own = device.account.keys.rsa.map(({ kid }) => kid)
  const theirs = [await rsaKid(decodeBase64url(peer.record.rsaKey ?? ''))]
  const reader = {
    conversation: conversationId,
    keys: device.account.keys.rsa,
    devicePublicKey: await deviceKeyOf(sender, envelope.senderDeviceId),
    recipientKids: new Set(isOwn ? theirs : own),
    senderKids: new Set(isOwn ? own : theirs),
  }
  return openMessageRsa(reader, ciphertext)
}

function keysWith(device: RawDevice, { ecdhKey }: AccountRecord, conversation: ConversationId) {
  const [own] = device.account.keys.ecdh
  return derivePairwiseKeys(own, decodeBase64url(ecdhKey), conversation)
}

async function recipientsOf({ account }: RawDevice, { rsaKey }: AccountRecord) {
  const [own] = account.keys.rsa
  if (!own || rsaKey === null) throw new Error('both need an RSA key')
  return Promise.all([decodeBase64url(rsaKey), own.publicKey].map(importRsaPublicKey))
}

async function deviceKeyOf({ record, published }: Peer, deviceId: string) {
  const device = published.devices.find((one) => one.deviceId === deviceId)
  if (!device) throw new Error('the device is not listed')
  const { deviceKey } = await verifyCredential(device.credential, record.identityKey)
  return decodeBase64url(deviceKey)
}
