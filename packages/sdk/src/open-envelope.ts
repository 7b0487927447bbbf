import { type Content, decodeBase64url, openMessageEcdh, openMessageRsa } from '@sotto/crypto'
import type { StoredEnvelope } from '@sotto/wire'
import type { Me } from './account-state.ts'
import type { UnreadableReason } from './api.ts'
import { countsAt } from './former-keys.ts'
import { unknownProtocol } from './known-protocol.ts'
import { isOlderThanKeys, reasonForClosed } from './lost-keys.ts'
import type { MessageKeys } from './message-keys.ts'
import type {
  ContactDevice,
  ContactRecord,
  ConversationRecord,
  LogEntry,
  OpenedEntry,
  UnreadableEntry,
  WrittenTo,
} from './stored.ts'

/** Who may have written in a conversation, as far as this device has verified it. */
export interface Senders {
  readonly me: Me
  /** The own account, with its other devices. */
  readonly self: ContactRecord
  readonly peer: ContactRecord
}

/** An entry for the log, and what its sender said about the sender's own account. */
export interface OpenedEnvelope {
  readonly entry: LogEntry
  readonly versions?: { readonly record: number; readonly manifest: number }
}

/** The input for opening one envelope. */
interface Opening extends Senders {
  readonly keys: MessageKeys
  readonly conversation: ConversationRecord
  readonly envelope: StoredEnvelope
  readonly isMine: boolean
}

/**
 * Opens an envelope from the log of `conversation`. If it does not open, or does not match its header, it
 * becomes an `unreadable` entry that keeps the envelope: one bad envelope must not stop the
 * conversation. The checks follow the checklist in PROTOCOL.md §9.2.
 */
export async function openEnvelope(
  keys: MessageKeys,
  conversation: ConversationRecord,
  senders: Senders,
  envelope: StoredEnvelope,
): Promise<OpenedEnvelope> {
  const { me, peer } = senders
  const isMine = envelope.senderAccountId === me.accountId
  const opening = { ...senders, keys, conversation, envelope, isMine }
  const unreadable = (reason: UnreadableReason): OpenedEnvelope => ({
    entry: unreadableEntry(opening, reason),
  })
  if (!isMine && envelope.senderAccountId !== peer.accountId) return unreadable('misplaced')

  const devices = devicesFor(opening)
  // Own devices of keys that are lost: nothing here can tell any more whether they were ours.
  if (devices.length === 0) {
    return unreadable(isMine && isOlderThanKeys(me, envelope) ? 'key_lost' : 'unknown_device')
  }
  const content = await openWith(opening, devices)
  if (!content) return unreadable(reasonForClosed(conversation.protocol, me, envelope))
  if (!isInPlace(opening, content)) return unreadable('misplaced')
  const writtenTo = await recipientOf(opening, content)
  // An own device may have accepted a key of the peer that this one has yet to learn.
  if (!writtenTo) return unreadable(isMine ? 'cannot_decrypt' : 'misplaced')
  const { record, manifest } = content
  return { entry: openedEntry(opening, content, writtenTo), versions: { record, manifest } }
}

/** An entry for an envelope that is shown as unreadable. */
function unreadableEntry({ envelope, isMine }: Opening, reason: UnreadableReason): UnreadableEntry {
  const { seq, id, senderDeviceId, acceptedAt } = envelope
  return {
    kind: 'unreadable',
    seq,
    id,
    mine: isMine,
    deviceId: senderDeviceId,
    reason,
    at: acceptedAt,
    envelope,
  }
}

function openedEntry(
  { envelope, isMine }: Opening,
  { counter, skipped, text }: Content,
  writtenTo: WrittenTo,
): OpenedEntry {
  const { seq, id, senderDeviceId, acceptedAt } = envelope
  return {
    kind: 'message',
    seq,
    id,
    mine: isMine,
    deviceId: senderDeviceId,
    counter,
    skipped,
    text,
    at: acceptedAt,
    writtenTo,
  }
}

/**
 * The verified devices that may have sent it: not revoked before it was accepted, and under an identity
 * key that counts at its seq. One id may belong to a device under the pinned key and to one under a
 * former key.
 */
function devicesFor({ conversation, self, peer, envelope, isMine }: Opening): ContactDevice[] {
  const sender = isMine ? self : peer
  const { senderDeviceId, acceptedAt, seq } = envelope
  const devices = sender.current?.devices ?? []
  return devices.filter(
    ({ deviceId, identityKey, revokedAt }) =>
      deviceId === senderDeviceId &&
      countsAt(sender, identityKey, conversation.id, seq) &&
      (revokedAt === null || acceptedAt <= revokedAt),
  )
}

async function openWith(
  opening: Opening,
  devices: readonly ContactDevice[],
): Promise<Content | undefined> {
  for (const device of devices) {
    // Whatever is wrong with a key concerns this envelope, and does not stop the log.
    const content = await openFrom(opening, device).catch(() => undefined)
    if (content) return content
  }
  return undefined
}

function openFrom(opening: Opening, device: ContactDevice): Promise<Content | undefined> {
  const { protocol } = opening.conversation
  switch (protocol) {
    case 'rsa':
      return openRsa(opening, device)
    case 'ecdh':
      return openEcdh(opening, device)
    default:
      throw unknownProtocol(protocol)
  }
}

async function openRsa(
  { keys, conversation, me, peer, envelope, isMine }: Opening,
  device: ContactDevice,
): Promise<Content | undefined> {
  const ownKids = new Set(me.keys.rsa.map(({ kid }) => kid))
  const peerKeys = isMine ? identityKeysOf(peer) : [device.identityKey]
  const peerKids = await keys.rsaKids(peer, peerKeys)
  const reader = {
    conversation: conversation.id,
    keys: me.keys.rsa,
    devicePublicKey: decodeBase64url(device.deviceKey),
    recipientKids: isMine ? peerKids : ownKids,
    senderKids: isMine ? ownKids : peerKids,
  }
  return openMessageRsa(reader, envelope.ciphertext).catch(() => undefined)
}

/** No header names the key: the MAC tells which of the few it is. */
async function openEcdh(
  { keys, conversation, peer, envelope, isMine }: Opening,
  device: ContactDevice,
): Promise<Content | undefined> {
  // Others could use a former key of the peer to forge own messages, too.
  const counting = identityKeysOf(peer).filter((identityKey) =>
    countsAt(peer, identityKey, conversation.id, envelope.seq),
  )
  const peerKeys = isMine ? counting : [device.identityKey]
  for await (const { sending, receiving } of keys.all(conversation.id, peer, peerKeys)) {
    const key = isMine ? sending : receiving
    const content = await openMessageEcdh(key, envelope.ciphertext).catch(() => undefined)
    if (content) return content
  }
  return undefined
}

function identityKeysOf({ identityKey, formerKeys }: ContactRecord): string[] {
  return [identityKey, ...formerKeys.map((former) => former.identityKey)]
}

/**
 * The server wrote the header, and the sender wrote the content. The conversation is the one that was
 * asked for, whatever the envelope says.
 */
function isInPlace({ conversation, envelope }: Opening, content: Content): boolean {
  return (
    content.conversation === conversation.id &&
    envelope.conversationId === conversation.id &&
    content.message === envelope.id &&
    content.account === envelope.senderAccountId &&
    content.device === envelope.senderDeviceId
  )
}

/** The recipient; undefined if that is neither this account nor, for own messages, the peer. */
async function recipientOf(
  { keys, me, peer, envelope, isMine }: Opening,
  { to }: Content,
): Promise<WrittenTo | undefined> {
  if (!isMine) {
    const { record, formerIdentityKeys = [] } = me.own
    // What was written before this account started with new keys names an old one, but this account.
    const former = isOlderThanKeys(me, envelope) ? formerIdentityKeys : []
    const tags = [record.identityKey, ...former].map((key) => keys.recipientTag(me.accountId, key))
    return (await Promise.all(tags)).includes(to) ? {} : undefined
  }
  for (const identityKey of identityKeysOf(peer)) {
    const tag = await keys.recipientTag(peer.accountId, identityKey)
    if (tag === to) return { [peer.accountId]: identityKey }
  }
  return undefined
}
