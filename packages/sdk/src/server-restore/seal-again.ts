import type { ConversationId } from '@sotto/wire'
import type { TalkContext } from '../account/state/talk-context.ts'
import type { Contacts } from '../contacts/contacts.ts'
import type { MessageKeys } from '../protocols/message-keys.ts'
import type { Outbox } from '../sending/outbox.ts'
import { type Draft, sealAsNext, sealMessage } from '../sending/seal-message.ts'
import { isWrittenTo } from '../sending/written-to.ts'
import type {
  ContactRecord,
  ConversationRecord,
  OpenedEntry,
  OutboxItem,
} from '../storage/stored.ts'

export interface SealAgainDependencies extends Pick<TalkContext, 'me'> {
  readonly contacts: Contacts
  readonly keys: MessageKeys
  readonly outbox: Outbox
}

/** The part of a conversation that a restored server has lost. */
export interface LostPart {
  /** The conversation as it was before. */
  readonly before: ConversationRecord
  /** Up to here the server's log is the same as the one here was. */
  readonly common: number
  /** The messages behind it that this device can read, of both sides, in their order. */
  readonly messages: readonly OpenedEntry[]
}

/** Items for the outbox, and the conversation with the counters that they took. */
export interface SealedAgain {
  readonly items: readonly OutboxItem[]
  readonly next: ConversationRecord
}

/**
 * The lost messages that this device wrote, sealed as they were: same id, same counter, same content. A
 * message is sealed again only for the identity key that it was written to. A server that shows another
 * key could otherwise have old messages sent to that one.
 */
export async function sealAgain(
  deps: SealAgainDependencies,
  conversation: ConversationRecord,
  { before, common, messages }: LostPart,
): Promise<SealedAgain> {
  const contact = deps.contacts.get(before.peer)
  if (!contact || contact.changed) return { items: [], next: conversation }
  const { deviceId } = deps.me()
  const enrollments = new Set([deviceId, before.counterOf, ...(before.formerDevices ?? [])])
  // Messages that only claim to be written here are not.
  const isOwn = ({ mine, deviceId: writer, isForeign }: OpenedEntry) =>
    mine && !isForeign && enrollments.has(writer)
  const written = messages.filter((entry) => isOwn(entry) && isWrittenTo(entry, contact))
  const waiting = waitingBehind(deps, contact, { id: conversation.id, written, common })
  if ([...written, ...waiting].some((one) => one.deviceId !== deviceId)) {
    return moveToThisEnrollment(deps, conversation, contact, { written, waiting })
  }
  const items: OutboxItem[] = []
  for (const { id, counter, skipped, text, at } of written) {
    const draft = { id, counter, skipped, text, writtenAt: at }
    items.push(again(await sealMessage(deps.keys, deps.me(), conversation, contact, draft)))
  }
  return { items, next: conversation }
}

/** Items that have not been sent, or were accepted behind `common`, and are written to the pinned key. */
function waitingBehind(
  { outbox }: SealAgainDependencies,
  contact: ContactRecord,
  part: { id: ConversationId; written: readonly OpenedEntry[]; common: number },
): OutboxItem[] {
  const lost = new Set(part.written.map(({ id }) => id))
  return outbox
    .of(part.id)
    .filter(({ envelope, state }) => state === 'waiting' && !lost.has(envelope.id))
    .filter(({ accepted }) => !accepted || accepted.seq > part.common)
    .filter((item) => isWrittenTo(item, contact))
}

/**
 * Some were written here under a former device id, whose counters have ended. Everything since then,
 * including messages that wait, is sealed again in order under new counters. Their old counters are
 * skipped.
 */
async function moveToThisEnrollment(
  deps: SealAgainDependencies,
  conversation: ConversationRecord,
  contact: ContactRecord,
  { written, waiting }: { written: readonly OpenedEntry[]; waiting: readonly OutboxItem[] },
): Promise<SealedAgain> {
  const me = deps.me()
  const spent = [...written, ...waiting].filter(({ deviceId }) => deviceId === me.deviceId)
  const skipped = spent.flatMap((one) => [...one.skipped, one.counter])
  const items: OutboxItem[] = []
  let next: ConversationRecord = { ...conversation, skipped: [...conversation.skipped, ...skipped] }
  const seal = async (draft: Draft) => {
    const sealed = await sealAsNext(deps.keys, me, next, contact, draft)
    next = sealed.next
    return sealed.item
  }
  for (const { id, text, at } of written) items.push(again(await seal({ id, text, writtenAt: at })))
  for (const item of waiting) {
    const { envelope, text, writtenAt } = item
    const sealed = await seal({ id: envelope.id, text, writtenAt })
    items.push(item.accepted || item.wasAccepted ? again(sealed) : sealed)
  }
  return { items, next }
}

function again(item: OutboxItem): OutboxItem {
  return { ...item, wasAccepted: true }
}
