import {
  type Content,
  decodeBase64url,
  openMessageEcdh,
  openMessageRsa,
  recipientsOfRsa,
} from '@sotto/crypto'
import type { AccountId, StoredEnvelope } from '@sotto/wire'
import type { Me } from './account-state.ts'
import type { UnreadableReason } from './api.ts'
import type { MessageKeys } from './message-keys.ts'
import type {
  ContactRecord,
  ConversationRecord,
  LogEntry,
  OpenedEntry,
  UnreadableEntry,
} from './stored.ts'

/** Who may have written in a conversation, as far as this device has verified it. */
export interface Senders {
  readonly me: Me
  /** The own account, with its other devices. */
  readonly self: ContactRecord
  readonly peer: ContactRecord
}

/**
 * Opens an envelope of the log. What does not open, or is not what it claims outside, becomes an
 * `unreadable` entry that keeps the envelope: one bad envelope must not stop the conversation.
 */
export async function openEnvelope(
  keys: MessageKeys,
  conversation: ConversationRecord,
  senders: Senders,
  envelope: StoredEnvelope,
): Promise<LogEntry> {
  const isMine = envelope.senderAccountId === senders.me.accountId
  const unreadable = (reason: UnreadableReason) => unreadableEntry(envelope, isMine, reason)
  if (!isMine && envelope.senderAccountId !== senders.peer.accountId) return unreadable('misplaced')

  const device = findDevice(conversation, isMine ? senders.self : senders.peer, envelope)
  // Own devices of keys that are lost: nothing here can tell any more whether they were ours.
  if (!device)
    return unreadable(
      isMine && isOlderThanKeys(senders.me, envelope) ? 'key_lost' : 'unknown_device',
    )
  const content =
    conversation.protocol === 'rsa'
      ? await openRsa(senders.me, device.deviceKey, envelope)
      : await openEcdh(keys, conversation, senders, envelope)
  if (!content) return unreadable(reasonFor(conversation, senders.me, envelope))
  const to = isMine ? senders.peer : senders.me
  if (!isInPlace(content, envelope, to.accountId)) return unreadable('misplaced')
  return openedEntry(envelope, isMine, content)
}

/** An entry for an envelope that is shown as unreadable. */
function unreadableEntry(
  envelope: StoredEnvelope,
  mine: boolean,
  reason: UnreadableReason,
): UnreadableEntry {
  const { seq, id, senderDeviceId, acceptedAt } = envelope
  return {
    kind: 'unreadable',
    seq,
    id,
    mine,
    deviceId: senderDeviceId,
    reason,
    at: acceptedAt,
    envelope,
  }
}

function openedEntry(envelope: StoredEnvelope, mine: boolean, content: Content): OpenedEntry {
  const { counter, skipped, text } = content
  const { seq, id, senderDeviceId, acceptedAt } = envelope
  return {
    kind: 'message',
    seq,
    id,
    mine,
    deviceId: senderDeviceId,
    counter,
    skipped,
    text,
    at: acceptedAt,
  }
}

/**
 * The verified sending device, unless it was revoked before the envelope was accepted, or belongs to a
 * key that had been given up by then.
 */
function findDevice(
  conversation: ConversationRecord,
  contact: ContactRecord,
  { senderDeviceId, acceptedAt, seq }: StoredEnvelope,
) {
  const { current, identityKey } = contact
  const device = current?.devices.find(({ deviceId }) => deviceId === senderDeviceId)
  if (!device) return undefined
  const isCurrent = device.identityKey === identityKey
  if (!isCurrent && !mayBeFromFormerKey(conversation, contact, seq)) return undefined
  return device.revokedAt === null || acceptedAt <= device.revokedAt ? device : undefined
}

async function openRsa(
  me: Me,
  deviceKey: string,
  { ciphertext }: StoredEnvelope,
): Promise<Content | undefined> {
  const opened = openMessageRsa(me.keys.rsa, decodeBase64url(deviceKey), ciphertext)
  return opened.catch(() => undefined)
}

/** No header names the key: the MAC tells which of the few it is. */
async function openEcdh(
  keys: MessageKeys,
  conversation: ConversationRecord,
  { me, peer }: Senders,
  { ciphertext, senderAccountId, seq }: StoredEnvelope,
): Promise<Content | undefined> {
  if (!peer.current) return undefined
  const withFormer = mayBeFromFormerKey(conversation, peer, seq)
  for await (const { sending, receiving } of keys.all(conversation.id, peer, withFormer)) {
    const key = senderAccountId === me.accountId ? sending : receiving
    const content = await openMessageEcdh(key, ciphertext).catch(() => undefined)
    if (content) return content
  }
  return undefined
}

/** Whoever has a key that was given up can write no new messages with it. */
function mayBeFromFormerKey(
  { keyChanges }: ConversationRecord,
  { hasEndedFormerKeys }: ContactRecord,
  seq: number,
): boolean {
  const accepted = keyChanges.findLast(({ acceptedSeq }) => acceptedSeq !== null)
  return accepted ? seq <= (accepted.acceptedSeq ?? 0) : !hasEndedFormerKeys
}

/** What stands outside was written by the server, what stands inside by the sender. */
function isInPlace(content: Content, envelope: StoredEnvelope, to: AccountId): boolean {
  return (
    content.conversation === envelope.conversationId &&
    content.message === envelope.id &&
    content.account === envelope.senderAccountId &&
    content.device === envelope.senderDeviceId &&
    content.to === to
  )
}

function reasonFor(
  { protocol }: ConversationRecord,
  me: Me,
  envelope: StoredEnvelope,
): UnreadableReason {
  if (isOlderThanKeys(me, envelope)) return 'key_lost'
  if (protocol !== 'rsa') return 'cannot_decrypt'
  try {
    const kids = recipientsOfRsa(envelope.ciphertext)
    return me.keys.rsa.some(({ kid }) => kids.includes(kid)) ? 'cannot_decrypt' : 'key_lost'
  } catch {
    return 'cannot_decrypt'
  }
}

function isOlderThanKeys({ own: { keysSince } }: Me, { acceptedAt }: StoredEnvelope): boolean {
  return keysSince !== null && acceptedAt < keysSince
}
