import { hashCiphertext } from '@sotto/crypto'
import { type ConversationId, type DeviceId, EnvelopeId, MAX_TEXT_BYTES } from '@sotto/wire'
import type { TalkContext } from '../account/state/talk-context.ts'
import { ClientError } from '../api/errors.ts'
import type { Contacts } from '../contacts/contacts.ts'
import { isInDoubt } from '../contacts/pins/contact-pins.ts'
import { stateOf } from '../conversations/conversation-state.ts'
import type { Conversations } from '../conversations/conversations.ts'
import type { MessageKeys } from '../protocols/message-keys.ts'
import {
  type ContactRecord,
  type ConversationRecord,
  discardedAt,
  load,
  type OutboxItem,
  put,
  seenMessageAt,
} from '../storage/stored.ts'
import type { Outbox } from './outbox.ts'
import { type Draft, sealAsNext } from './seal-message.ts'
import { isWrittenTo } from './written-to.ts'

export interface SendDependencies extends TalkContext {
  readonly conversations: Conversations
  readonly contacts: Contacts
  readonly keys: MessageKeys
  readonly outbox: Outbox
  /** Something waits to be sent. */
  readonly wake: () => void
}

/**
 * Writes a message: encrypts it and stores it with its counter, before anything leaves the device.
 * Resolves when it is in the durable outbox. One that is there already, or in the log, is left alone.
 */
export async function sendMessage(
  deps: SendDependencies,
  id: ConversationId,
  text: string,
  message = EnvelopeId.parse(crypto.randomUUID()),
): Promise<EnvelopeId> {
  refuseText(text)
  const contact = await loadContact(deps, id)
  const writtenAt = deps.now()
  await deps.conversations.update(id, async (conversation) => {
    if (await isKnown(deps, id, message)) return undefined
    refuseState(conversation)
    const draft = { text, writtenAt, id: message }
    const { next, item } = await seal(deps, conversation, contact, draft)
    const { changes, stored } = deps.outbox.add(item)
    return { next, more: changes, stored }
  })
  await deps.contacts.keep(contact.accountId)
  deps.wake()
  return message
}

async function isKnown(
  { outbox, storage }: SendDependencies,
  id: ConversationId,
  message: EnvelopeId,
): Promise<boolean> {
  if (outbox.find(id, message)) return true
  return (await load(storage, seenMessageAt(id, message))) !== undefined
}

/** Encrypts a failed message again, as the newest of its conversation. */
export async function retryMessage(
  deps: SendDependencies,
  id: ConversationId,
  message: EnvelopeId,
): Promise<void> {
  const item = deps.outbox.find(id, message)
  if (item?.state === 'failed') await writeAgain(deps, item)
}

/** Gives a message up. If it is on its way already it may still arrive. */
export async function discardMessage(
  { conversations, outbox, me }: SendDependencies,
  id: ConversationId,
  message: EnvelopeId,
): Promise<void> {
  await conversations.update(id, async (conversation) => {
    const item = outbox.find(id, message)
    if (!item || item.accepted) return undefined
    const { changes, stored } = outbox.discard(item)
    const hash = await hashCiphertext(item.envelope.ciphertext)
    const discarded = put(discardedAt(conversation.id, message), hash)
    // The counter of a failed one was given up when it failed.
    const isSpent = item.state === 'failed'
    const next = isSpent ? conversation : withSpent(conversation, item, me().deviceId)
    return { next, more: [...changes, discarded], stored }
  })
}

/** The server will not take it: its counter never comes, and the next message says so. */
export async function failMessage(
  { conversations, outbox, me }: SendDependencies,
  item: OutboxItem,
  failure: NonNullable<OutboxItem['failure']>,
): Promise<void> {
  await conversations.update(item.envelope.conversationId, (conversation) => {
    const current = outbox.find(conversation.id, item.envelope.id)
    if (!current || current.state === 'failed' || current.accepted) return undefined
    const failed = { ...current, state: 'failed', failure } as const
    const { changes, stored } = outbox.replace(current, failed, 'in place')
    return { next: withSpent(conversation, current, me().deviceId), more: changes, stored }
  })
}

/**
 * Encrypts waiting messages again that are of a former device id, because its counters have ended, or of own
 * keys that were renewed since. A message that was written to another key than the pinned one fails: only the
 * person can have it sealed for another key.
 */
export async function adoptWaiting(deps: SendDependencies): Promise<void> {
  const { deviceId, own } = deps.me()
  const isOfFormerKeys = ({ sealedBy }: OutboxItem) =>
    own.successions !== undefined && sealedBy !== own.record.identityKey
  for (const id of [...deps.outbox.conversations()]) {
    for (const item of deps.outbox.of(id)) {
      const isPast = item.deviceId !== deviceId || isOfFormerKeys(item)
      if (!isPast || item.state !== 'waiting') continue
      const contact = deps.contacts.get(deps.conversations.load(id).peer)
      const isSame = contact !== undefined && isWrittenTo(item, contact)
      if (!isSame) await failMessage(deps, item, 'key_changed')
      else await writeAgain(deps, item).catch(() => failMessage(deps, item, 'key_changed'))
    }
  }
}

async function writeAgain(deps: SendDependencies, item: OutboxItem): Promise<void> {
  const { conversationId, id } = item.envelope
  const contact = await loadContact(deps, conversationId)
  await deps.conversations.update(conversationId, async (conversation) => {
    const current = deps.outbox.find(conversationId, id)
    if (!current || current.accepted) return undefined
    const draft = { text: current.text, writtenAt: current.writtenAt, id }
    // The counter of a failed one was given up when it failed.
    const isSpent = current.state === 'failed'
    const before = isSpent ? conversation : withSpent(conversation, current, deps.me().deviceId)
    const sealed = await seal(deps, before, contact, draft)
    const { changes, stored } = deps.outbox.replace(current, sealed.item, 'at the end')
    return { next: sealed.next, more: changes, stored }
  })
  deps.wake()
}

async function loadContact({ conversations, contacts }: SendDependencies, id: ConversationId) {
  return contacts.ensure(conversations.load(id).peer)
}

/** The sealed message, and the conversation with its counter spent. */
async function seal(
  { keys, me, contacts }: SendDependencies,
  before: ConversationRecord,
  known: ContactRecord,
  draft: Draft,
): Promise<{ item: OutboxItem; next: ConversationRecord }> {
  const contact = contacts.get(known.accountId) ?? known
  if (isInDoubt(contact)) throw new ClientError('key_changed')
  return sealAsNext(keys, me(), before, contact, draft)
}

/** A counter that never comes, with those that it would have told of. */
function withSpent(
  conversation: ConversationRecord,
  item: OutboxItem,
  deviceId: DeviceId,
): ConversationRecord {
  if (item.deviceId !== deviceId) return conversation
  return { ...conversation, skipped: [...conversation.skipped, ...item.skipped, item.counter] }
}

function refuseText(text: string): void {
  if (text === '') throw new ClientError('empty_text')
  const half = text.search(/\p{Surrogate}/u)
  if (half >= 0) throw new ClientError('broken_text', { at: half })
  const bytes = new TextEncoder().encode(text).length
  if (bytes > MAX_TEXT_BYTES) throw new ClientError('text_too_long')
}

function refuseState(conversation: ConversationRecord): void {
  const state = stateOf(conversation)
  if (state === 'request') throw new ClientError('request_pending')
  if (state === 'declined' || state === 'blocked' || state === 'ended')
    throw new ClientError('conversation_closed')
}
