import type { ConversationId } from '@sotto/wire'
import type { UnlockedContext } from '../account/state/unlocked-context.ts'
import type { Contacts } from '../contacts/contacts.ts'
import type { ConversationRecord } from '../conversations/conversation-record.ts'
import { byWriting, withSkipped, writersOf } from '../conversations/counters.ts'
import type { Protocols } from '../protocols/port.ts'
import type { Outbox } from '../sending/outbox.ts'
import { recipientsIn } from '../sending/recipients.ts'
import { type Draft, sealAsNext, sealMessage } from '../sending/seal-message.ts'
import type { ContactRecord } from '../storage/records/contacts.ts'
import type { OpenedEntry, OutboxItem } from '../storage/records/log.ts'
import { isWrittenTo } from '../storage/records/written-to.ts'

export interface SealAgainDependencies extends Pick<UnlockedContext, 'me'> {
  readonly contacts: Contacts
  readonly protocols: Protocols
  readonly outbox: Outbox
}

/** The part of a conversation that a restored server has lost. */
export interface LostPart {
  /** The conversation as it was before. */
  readonly before: ConversationRecord
  /** The later messages that this device can read, from both sides, in order. */
  readonly messages: readonly OpenedEntry[]
}

/** Items for the outbox, and the conversation with the counters that they used. */
export interface SealedAgain {
  readonly items: readonly OutboxItem[]
  readonly next: ConversationRecord
}

/**
 * The lost messages that this device wrote, sealed as they were: same id, same counter, same content. A message is
 * sealed again only for the identity key that it was written to. Otherwise a server that shows another key could have
 * old messages sent to that one.
 */
export async function sealAgain(
  deps: SealAgainDependencies,
  conversation: ConversationRecord,
  { before, messages }: LostPart,
): Promise<SealedAgain> {
  const recipients = recipientsIn(deps, before)
  if (!recipients || recipients.some(({ changed }) => changed)) {
    return { items: [], next: conversation }
  }
  const { deviceId } = deps.me()
  const enrollments = new Set(writersOf(before.counters, deviceId))
  // Excludes messages that only claim to be written here.
  const isOwn = ({ sender, deviceId: writer, isForeign }: OpenedEntry) =>
    sender === before.self && !isForeign && enrollments.has(writer)
  const written = messages.filter((entry) => isOwn(entry) && isWrittenTo(entry, recipients))
  const waiting = waitingBehind(deps, recipients, { id: conversation.id, written })
  if ([...written, ...waiting].some((one) => one.deviceId !== deviceId)) {
    return moveToThisEnrollment(deps, conversation, recipients, { written, waiting })
  }
  const items: OutboxItem[] = []
  let next = conversation
  for (const { id, counter, skipped, content, at } of written) {
    const draft = { id, counter, skipped, content, writtenAt: at }
    const sealed = await sealMessage(deps.protocols, deps.me(), next, recipients, draft)
    next = sealed.next
    items.push(again(sealed.item))
  }
  return { items, next }
}

/** Items that aren't in the log here, and are written to the pinned key. */
function waitingBehind(
  { outbox }: SealAgainDependencies,
  recipients: readonly ContactRecord[],
  part: { id: ConversationId; written: readonly OpenedEntry[] },
): OutboxItem[] {
  const lost = new Set(part.written.map(({ id }) => id))
  return outbox
    .of(part.id)
    .filter(({ envelope, state }) => state === 'waiting' && !lost.has(envelope.id))
    .filter((item) => isWrittenTo(item, recipients))
}

/**
 * Some messages were written here under a former device id, whose counters have ended. Everything since then, including
 * waiting messages, is sealed again in order under new counters. The old counters are skipped.
 */
async function moveToThisEnrollment(
  deps: SealAgainDependencies,
  conversation: ConversationRecord,
  recipients: readonly ContactRecord[],
  { written, waiting }: { written: readonly OpenedEntry[]; waiting: readonly OutboxItem[] },
): Promise<SealedAgain> {
  const me = deps.me()
  const spent = [...written, ...waiting].filter(({ deviceId }) => deviceId === me.deviceId)
  const skipped = spent.flatMap((one) => [...one.skipped, one.counter])
  const items: OutboxItem[] = []
  let next: ConversationRecord = {
    ...conversation,
    counters: withSkipped(conversation.counters, skipped),
  }
  const seal = async (draft: Draft) => {
    const sealed = await sealAsNext(deps.protocols, me, next, recipients, draft)
    next = sealed.next
    return sealed.item
  }
  const messages = [
    ...written.map((entry) => ({ ...entry, writtenAt: entry.at, wasAccepted: true })),
    ...waiting.map((item) => {
      const wasAccepted = item.accepted !== null || item.wasAccepted === true
      return { ...item, id: item.envelope.id, wasAccepted }
    }),
  ].sort(byWriting(conversation.counters))
  for (const { id, content, writtenAt, wasAccepted } of messages) {
    const sealed = await seal({ id, content, writtenAt })
    items.push(wasAccepted ? again(sealed) : sealed)
  }
  return { items, next }
}

function again(item: OutboxItem): OutboxItem {
  return { ...item, wasAccepted: true }
}
