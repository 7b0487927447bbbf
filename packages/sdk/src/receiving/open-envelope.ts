import type { Content } from '@sotto/crypto'
import type { StoredEnvelope } from '@sotto/wire'
import { isOlderThanKeys } from '../account/keys/lost-keys.ts'
import type { UnreadableReason } from '../api/views.ts'
import { countsAt } from '../contacts/pins/former-keys.ts'
import type { ConversationRecord } from '../conversations/conversation-record.ts'
import type { Opening, People, Protocols } from '../protocols/port.ts'
import type { ContactRecord } from '../storage/records/contacts.ts'
import type { LogEntry, OpenedEntry, UnreadableEntry, WrittenTo } from '../storage/records/log.ts'
import type { ContactDevice } from '../storage/verified-account.ts'

/** An entry for the log, and the sender's statements about its own account. */
export interface OpenedEnvelope {
  readonly entry: LogEntry
  readonly versions?: { readonly record: number; readonly manifest: number }
  /** The conversation with the resulting protocol state and participants, if they changed. */
  readonly next?: ConversationRecord
}

/**
 * Opens an envelope from the log of `conversation`. If it doesn't open, or doesn't match its header, it becomes an
 * `unreadable` entry that keeps the envelope: one bad envelope must not stop the conversation. The checks follow the
 * checklist in PROTOCOL.md §9.2.
 */
export async function openEnvelope(
  protocols: Protocols,
  conversation: ConversationRecord,
  people: People,
  envelope: StoredEnvelope,
): Promise<OpenedEnvelope> {
  const { me, self, others } = people
  const isMine = envelope.senderAccountId === me.accountId
  const sender = isMine
    ? self
    : others.find(({ accountId }) => accountId === envelope.senderAccountId)
  const unreadable = (reason: UnreadableReason): OpenedEnvelope => ({
    entry: unreadableEntry(envelope, reason),
  })
  if (!sender) return unreadable('misplaced')

  const devices = devicesFor(conversation, sender, envelope)
  // For devices of lost keys, this device can no longer tell whether they were ours.
  if (devices.length === 0) {
    return unreadable(isMine && isOlderThanKeys(me, envelope) ? 'key_lost' : 'unknown_device')
  }
  const opening: Opening = { ...people, conversation, envelope, sender, isMine, devices }
  const protocol = protocols[conversation.membership.protocol]
  const opened = await protocol.open(opening)
  if (opened.kind === 'closed') return unreadable(opened.reason)
  if (opened.kind === 'advanced') {
    const { state, participants } = opened
    const membership = { ...conversation.membership, ...(participants && { participants }) }
    const next = { ...conversation, membership, protocolState: state }
    return { entry: { ...placeOf(envelope), kind: 'advanced' }, next }
  }
  const { content, state } = opened
  if (!isInPlace(conversation, envelope, content)) return unreadable('misplaced')
  const writtenTo = await protocol.recipients(opening, content)
  if (writtenTo === 'key_lost') return unreadable('key_lost')
  // Another of our devices may have accepted a key of the recipient that this one hasn't learned yet.
  if (!writtenTo) return unreadable(isMine ? 'cannot_decrypt' : 'misplaced')
  const { record, manifest } = content
  return {
    entry: openedEntry(envelope, content, writtenTo),
    versions: { record, manifest },
    ...(state && { next: { ...conversation, protocolState: state } }),
  }
}

/** An envelope's place in the log, and its sender. */
function placeOf({ seq, id, senderAccountId, senderDeviceId, acceptedAt }: StoredEnvelope) {
  return { seq, id, sender: senderAccountId, deviceId: senderDeviceId, at: acceptedAt }
}

/** An entry for an envelope that is shown as unreadable. */
function unreadableEntry(envelope: StoredEnvelope, reason: UnreadableReason): UnreadableEntry {
  return { ...placeOf(envelope), kind: 'unreadable', reason, envelope }
}

function openedEntry(
  envelope: StoredEnvelope,
  { type, counter, skipped, text }: Content,
  writtenTo: WrittenTo,
): OpenedEntry {
  const content = { type, body: text }
  return { ...placeOf(envelope), kind: 'message', counter, skipped, content, writtenTo }
}

/**
 * The verified devices that may have sent it: not revoked before it was accepted, and under an identity key that is
 * valid at its seq. The same id may name a device under the pinned key and another under a former key.
 */
function devicesFor(
  { id }: ConversationRecord,
  sender: ContactRecord,
  { senderDeviceId, acceptedAt, seq }: StoredEnvelope,
): ContactDevice[] {
  const devices = sender.current?.devices ?? []
  return devices.filter(
    ({ deviceId, identityKey, revokedAt }) =>
      deviceId === senderDeviceId &&
      countsAt(sender, identityKey, id, seq) &&
      (revokedAt === null || acceptedAt <= revokedAt),
  )
}

/**
 * The server wrote the header, and the sender wrote the content. The conversation is the one that was requested,
 * whatever the envelope says.
 */
function isInPlace(
  { id }: ConversationRecord,
  envelope: StoredEnvelope,
  content: Content,
): boolean {
  return (
    content.conversation === id &&
    envelope.conversationId === id &&
    content.message === envelope.id &&
    content.account === envelope.senderAccountId &&
    content.device === envelope.senderDeviceId
  )
}
