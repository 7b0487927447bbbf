import { hashCiphertext } from '@sotto/crypto'
import { type ConversationId, type DeviceId, EnvelopeId } from '@sotto/wire'
import type { UnlockedContext } from '../account/state/unlocked-context.ts'
import { ClientError } from '../api/errors.ts'
import type { Contacts } from '../contacts/contacts.ts'
import { checkContent, type SealableContent, writeContent } from '../content/content.ts'
import { type ConversationRecord, othersIn } from '../conversations/conversation-record.ts'
import { stateOf } from '../conversations/conversation-state.ts'
import type { Conversations } from '../conversations/conversations.ts'
import { withSpent } from '../conversations/counters.ts'
import type { Protocols } from '../protocols/port.ts'
import { put } from '../storage/record-kind.ts'
import type { ContactRecord } from '../storage/records/contacts.ts'
import { discardedAt, type OutboxItem, seenMessageAt } from '../storage/records/log.ts'
import { isWrittenTo } from '../storage/records/written-to.ts'
import type { Outbox } from './outbox.ts'
import { mayMove } from './outbox-states.ts'
import { recipientsIn } from './recipients.ts'
import { type Draft, type SealedMessage, sealAsNext } from './seal-message.ts'

export interface SendDependencies extends UnlockedContext {
  readonly conversations: Conversations
  readonly contacts: Contacts
  readonly protocols: Protocols
  readonly outbox: Outbox
  /** A message is waiting to be sent. */
  readonly wake: () => void
}

/**
 * Writes a message: encrypts it and stores it with its counter before anything leaves the device. Resolves once it is
 * in the durable outbox. A message that is already there, or in the log, is left alone.
 */
export async function sendMessage(
  deps: SendDependencies,
  id: ConversationId,
  content: SealableContent,
  message = EnvelopeId.parse(crypto.randomUUID()),
): Promise<EnvelopeId> {
  const problem = checkContent(content)
  if (problem) throw new ClientError(problem.code, problem.details)
  const sealed = writeContent(content)
  const recipients = await loadRecipients(deps, id)
  const writtenAt = deps.now()
  await deps.conversations.update(id, async (conversation) => {
    if (await isKnown(deps, id, message)) return undefined
    refuseState(conversation)
    const draft = { content: sealed, writtenAt, id: message }
    const { next, item } = await seal(deps, conversation, recipients, draft)
    const { changes, stored } = deps.outbox.add(item)
    return { next, more: changes, stored }
  })
  for (const { accountId } of recipients) await deps.contacts.keep(accountId)
  deps.wake()
  return message
}

async function isKnown(
  { outbox, storage }: SendDependencies,
  id: ConversationId,
  message: EnvelopeId,
): Promise<boolean> {
  if (outbox.find(id, message)) return true
  return (await storage.load(seenMessageAt(id, message))) !== undefined
}

/** Encrypts a failed message again, as the newest one in its conversation. */
export async function retryMessage(
  deps: SendDependencies,
  id: ConversationId,
  message: EnvelopeId,
): Promise<void> {
  const item = deps.outbox.find(id, message)
  if (item?.state === 'failed') await writeAgain(deps, item)
}

/** Discards a message. If it's already on its way, it may still arrive. */
export async function discardMessage(
  { conversations, outbox, me }: SendDependencies,
  id: ConversationId,
  message: EnvelopeId,
): Promise<void> {
  await conversations.update(id, async (conversation) => {
    const item = outbox.find(id, message)
    const step = item && outbox.discard(item)
    if (!step) return undefined
    const hash = await hashCiphertext(item.envelope.ciphertext)
    const discarded = put(discardedAt(conversation.id, message), hash)
    // The counter of a failed message was retired when it failed.
    const isSpent = item.state === 'failed'
    const next = isSpent ? conversation : withoutCounter(conversation, item, me().deviceId)
    return { next, more: [...step.changes, discarded], stored: step.stored }
  })
}

/** The server refuses the message: its counter will never arrive, and the next message says so. */
export async function failMessage(
  { conversations, outbox, me }: SendDependencies,
  item: OutboxItem,
  failure: NonNullable<OutboxItem['failure']>,
): Promise<void> {
  await conversations.update(item.envelope.conversationId, (conversation) => {
    const current = outbox.find(conversation.id, item.envelope.id)
    const step = current && outbox.fail(current, failure)
    if (!step) return undefined
    const next = withoutCounter(conversation, current, me().deviceId)
    return { next, more: step.changes, stored: step.stored }
  })
}

/**
 * Re-encrypts waiting messages that were sealed under a former device id, whose counters have ended, or under keys of
 * ours that have since been renewed. A message to a key that is no longer pinned fails: only the person can have it
 * sealed for another key.
 */
export async function adoptWaiting(deps: SendDependencies): Promise<void> {
  const { deviceId, own } = deps.me()
  const isOfFormerKeys = ({ sealedBy }: OutboxItem) =>
    own.successions !== undefined && sealedBy !== own.record.identityKey
  for (const id of [...deps.outbox.conversations()]) {
    for (const item of deps.outbox.of(id)) {
      const isPast = item.deviceId !== deviceId || isOfFormerKeys(item)
      if (!isPast || item.state !== 'waiting') continue
      const recipients = recipientsIn(deps, deps.conversations.load(id))
      const isSame = recipients !== undefined && isWrittenTo(item, recipients)
      if (!isSame) await failMessage(deps, item, 'key_changed')
      else await writeAgain(deps, item).catch(() => failMessage(deps, item, 'key_changed'))
    }
  }
}

async function writeAgain(deps: SendDependencies, item: OutboxItem): Promise<void> {
  const { conversationId, id } = item.envelope
  const recipients = await loadRecipients(deps, conversationId)
  await deps.conversations.update(conversationId, async (conversation) => {
    const current = deps.outbox.find(conversationId, id)
    if (!current || !mayMove(current, 'seal_again')) return undefined
    const draft = { content: current.content, writtenAt: current.writtenAt, id }
    // The counter of a failed message was retired when it failed.
    const isSpent = current.state === 'failed'
    const before = isSpent
      ? conversation
      : withoutCounter(conversation, current, deps.me().deviceId)
    const sealed = await seal(deps, before, recipients, draft)
    const step = deps.outbox.sealAgain(current, sealed.item)
    return step && { next: sealed.next, more: step.changes, stored: step.stored }
  })
  deps.wake()
}

async function loadRecipients({ conversations, contacts }: SendDependencies, id: ConversationId) {
  const others = othersIn(conversations.load(id))
  return Promise.all(others.map((accountId) => contacts.ensure(accountId)))
}

/** The sealed message, and the conversation with its counter spent. */
async function seal(
  { protocols, me, contacts }: SendDependencies,
  before: ConversationRecord,
  known: readonly ContactRecord[],
  draft: Draft,
): Promise<SealedMessage> {
  const recipients = known.map((contact) => contacts.get(contact.accountId) ?? contact)
  return sealAsNext(protocols, me(), before, recipients, draft)
}

/** The conversation with the counter of `item` retired. */
function withoutCounter(
  conversation: ConversationRecord,
  item: OutboxItem,
  deviceId: DeviceId,
): ConversationRecord {
  return { ...conversation, counters: withSpent(conversation.counters, item, deviceId) }
}

function refuseState(conversation: ConversationRecord): void {
  const state = stateOf(conversation)
  if (state === 'request') throw new ClientError('request_pending')
  if (state === 'declined' || state === 'blocked' || state === 'ended')
    throw new ClientError('conversation_closed')
}
