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
  type Protocol,
  type PublishedAccount,
  type StoredEnvelope,
} from '@sotto/wire'
import type { RawDevice } from './raw-device.ts'

/** Another account, as read and verified. */
export interface Peer {
  readonly record: AccountRecord
  readonly published: PublishedAccount
}

/** Verifies the server's answer about an account (PROTOCOL.md §5.1), at first contact. */
export async function readPeer(published: PublishedAccount): Promise<Peer> {
  return { record: await verifyRecord(published.record), published }
}

export interface Written {
  readonly conversation: ConversationId
  readonly text: string
  readonly counter: number
}

/** The content that `device` writes to `peer` (PROTOCOL.md §6). */
export async function contentOf(
  { account, deviceId }: RawDevice,
  { record }: Peer,
  { conversation, text, counter }: Written,
): Promise<OutgoingContent> {
  return {
    type: 'text',
    conversation,
    message: EnvelopeId.parse(crypto.randomUUID()),
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
}

/** Seals a message of `device` for `peer` (PROTOCOL.md §7, §8). */
export async function seal(
  device: RawDevice,
  peer: Peer,
  { protocol, ...written }: Written & { readonly protocol: Protocol },
): Promise<{ envelope: NewEnvelope; content: OutgoingContent }> {
  const content = await contentOf(device, peer, written)
  const { conversation: conversationId, message: id } = content
  const { record } = peer
  const ciphertext =
    protocol === 'rsa'
      ? await sealMessageRsa(device.key, content, await recipientsOf(device, record))
      : await sealMessageEcdh(await keysWith(device, record, conversationId), content)
  return { envelope: { id, conversationId, kind: 'message', ciphertext }, content }
}

/** Bytes preceded by the device's signature (PROTOCOL.md §8.2). */
export async function signed(
  { key }: RawDevice,
  content: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const context = new TextEncoder().encode('sotto/1 rsa content\0')
  const bytes = new Uint8Array([...context, ...content])
  const signature = await crypto.subtle.sign('Ed25519', key.privateKey as CryptoKey, bytes)
  return new Uint8Array([...new Uint8Array(signature), ...content])
}

/** Opens an envelope of a conversation with `peer`. `sender` is the sending account: the peer's or the device's own. */
export async function open(
  device: RawDevice,
  { peer, sender }: { readonly peer: Peer; readonly sender: Peer },
  { conversationId, ciphertext, ...envelope }: StoredEnvelope,
  protocol: Protocol,
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

/** The keys for both directions. */
export function keysWith(
  device: RawDevice,
  { ecdhKey }: AccountRecord,
  conversation: ConversationId,
) {
  const [own] = device.account.keys.ecdh
  return derivePairwiseKeys(own, decodeBase64url(ecdhKey), conversation)
}

/** The two keys of an `rsa` message, the recipient's first. */
export async function recipientsOf({ account }: RawDevice, { rsaKey }: AccountRecord) {
  const [own] = account.keys.rsa
  if (!own || rsaKey === null) throw new Error('Both accounts need an RSA key')
  return Promise.all([decodeBase64url(rsaKey), own.publicKey].map(importRsaPublicKey))
}

async function deviceKeyOf({ record, published }: Peer, deviceId: string) {
  const device = published.devices.find((one) => one.deviceId === deviceId)
  if (!device) throw new Error('The device is not listed')
  const { deviceKey } = await verifyCredential(device.credential, record.identityKey)
  return decodeBase64url(deviceKey)
}
