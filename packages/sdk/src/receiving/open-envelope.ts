import { type Content, decodeBase64url, openMessageEcdh, openMessageRsa } from '@sotto/crypto'
import type { StoredEnvelope } from '@sotto/wire'
import { isOlderThanKeys, reasonForClosed } from '../account/keys/lost-keys.ts'
import type { Me } from '../account/state/account-state.ts'
import type { UnreadableReason } from '../api/commands.ts'
import { countsAt, endIn } from '../contacts/pins/former-keys.ts'
import { unknownProtocol } from '../protocols/known-protocol.ts'
import type { MessageKeys } from '../protocols/message-keys.ts'
import { publicKeysIn } from '../published/published-keys.ts'
import type {
  ContactRecord,
  ConversationRecord,
  LogEntry,
  OpenedEntry,
  UnreadableEntry,
  WrittenTo,
} from '../storage/stored.ts'
import type { ContactDevice } from '../storage/verified-account.ts'

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
  // Whoever stole a device has the keys that were given up then.
  if (content === 'key_lost') return unreadable('key_lost')
  if (!isInPlace(opening, content)) return unreadable('misplaced')
  const writtenTo = await recipientOf(opening, content)
  if (writtenTo === 'key_lost') return unreadable('key_lost')
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
): Promise<Content | 'key_lost' | undefined> {
  for (const device of devices) {
    // Whatever is wrong with a key concerns this envelope, and does not stop the log.
    const content = await openFrom(opening, device).catch(() => undefined)
    if (content) return content
  }
  return undefined
}

function openFrom(
  opening: Opening,
  device: ContactDevice,
): Promise<Content | 'key_lost' | undefined> {
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

async function openRsa(opening: Opening, device: ContactDevice): Promise<Content | undefined> {
  const { keys, conversation, me, peer, envelope, isMine } = opening
  const ownKids = new Set(me.keys.rsa.map(({ kid }) => kid))
  const peerKeys = isMine ? identityKeysOf(peer) : keysOfDevice(opening, device)
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
  opening: Opening,
  device: ContactDevice,
): Promise<Content | 'key_lost' | undefined> {
  const { keys, conversation, peer, envelope, isMine } = opening
  // Others could use a former key of the peer to forge own messages, too.
  const counting = identityKeysOf(peer).filter((identityKey) =>
    countsAt(peer, identityKey, conversation.id, envelope.seq),
  )
  const peerKeys = isMine ? counting : keysOfDevice(opening, device)
  for await (const { sending, receiving, ownKey } of keys.all(conversation.id, peer, peerKeys)) {
    const key = isMine ? sending : receiving
    const content = await openMessageEcdh(key, envelope.ciphertext).catch(() => undefined)
    if (content) return isOwnKeyInUse(opening, ownKey) ? content : 'key_lost'
  }
  return undefined
}

/**
 * The identity keys under which a device may have written a message: the one that vouches for it and, where that
 * is the pinned one, those that have signed for it in their time. A device keeps its id and key when its account
 * renews its keys.
 */
function keysOfDevice(
  { conversation, peer, envelope }: Opening,
  { identityKey }: ContactDevice,
): string[] {
  if (identityKey !== peer.identityKey) return [identityKey]
  const renewed = peer.formerKeys
    .filter((former) => former.renewed && envelope.seq <= endIn(former, conversation.id))
    .map((former) => former.identityKey)
  return [identityKey, ...renewed]
}

/**
 * Whether an own `ecdh` key counts for an envelope: with it the other side's messages could be made up, and own
 * ones. One of keys that were renewed counts up to their end. Accounts that never renewed theirs have given up
 * none to a thief.
 */
function isOwnKeyInUse({ me, self, conversation, envelope }: Opening, ownKey: string): boolean {
  if (self.formerKeys.length === 0 || ownKey === me.own.record.ecdhKey) return true
  const published = self.current
    ? [publicKeysIn(self.current.record), ...self.current.pastKeys]
    : []
  return published.some(
    ({ ecdhKey, identityKey }) =>
      ecdhKey === ownKey && countsAt(self, identityKey, conversation.id, envelope.seq),
  )
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
  { keys, me, self, peer, conversation, envelope, isMine }: Opening,
  { to }: Content,
): Promise<WrittenTo | 'key_lost' | undefined> {
  if (!isMine) {
    const { record, formerIdentityKeys = [] } = me.own
    const isNamed = async (key: string) => (await keys.recipientTag(me.accountId, key)) === to
    if (await isNamed(record.identityKey)) return {}
    for (const former of self.formerKeys) {
      const isInTime = envelope.seq <= endIn(former, conversation.id)
      if (await isNamed(former.identityKey)) return isInTime ? {} : 'key_lost'
    }
    // What was written before this account started with new keys names an old one, but this account.
    if (!isOlderThanKeys(me, envelope)) return undefined
    for (const key of formerIdentityKeys) if (await isNamed(key)) return {}
    return undefined
  }
  for (const identityKey of identityKeysOf(peer)) {
    const tag = await keys.recipientTag(peer.accountId, identityKey)
    if (tag === to) return { [peer.accountId]: identityKey }
  }
  return undefined
}
