import type { ConversationId, EnvelopeId, StoredEnvelope } from '@sotto/wire'
import { ClientError } from '../api/errors.ts'
import { isSameContent } from '../content/content.ts'
import type { ConversationRecord } from '../conversations/conversation-record.ts'
import { byWriting } from '../conversations/counters.ts'
import { groupBy } from '../conversations/group-by.ts'
import { put, remove } from '../storage/record-kind.ts'
import {
  type LogEntry,
  type OpenedEntry,
  OUTBOX,
  type OutboxItem,
  outboxAt,
} from '../storage/records/log.ts'
import { type Change, type Step, startingWith } from '../storage/storage.ts'
import type { Store } from '../storage/store.ts'
import {
  type ItemEvent,
  type ItemState,
  itemIn,
  mayMove,
  OUTBOX_ITEM,
  stateOfItem,
} from './outbox-states.ts'

/**
 * This device's messages that are not in its log yet, in the order they were written. `outbox-states.ts` has their
 * states.
 *
 * - A message is sealed and stored with its counter before anything leaves the device (`send.ts`), so a crash neither
 *   loses it nor uses its counter twice.
 * - It leaves the outbox only when the log shows it. The server's word that it was accepted removes nothing.
 * - Messages of a conversation are sent in order, several in flight (`deliver.ts`). Without a verdict, they are sent
 *   again under the same ids, which the server recognizes.
 * - Temporary refusals are retried. A final one makes the message `failed`, until the person retries or discards it.
 */
export class Outbox {
  readonly #items: Map<ConversationId, readonly OutboxItem[]>
  readonly #onChange: (id: ConversationId) => void

  constructor(items: readonly OutboxItem[], onChange: (id: ConversationId) => void) {
    this.#items = groupBy(items, ({ envelope }) => envelope.conversationId)
    this.#onChange = onChange
  }

  of(id: ConversationId): readonly OutboxItem[] {
    return this.#items.get(id) ?? []
  }

  find(id: ConversationId, message: EnvelopeId): OutboxItem | undefined {
    return this.of(id).find(({ envelope }) => envelope.id === message)
  }

  conversations(): Iterable<ConversationId> {
    return this.#items.keys()
  }

  /** Appends an item. */
  add(item: OutboxItem): Step {
    const { conversationId, id } = item.envelope
    const added = moved(this.#stateOf(conversationId, id) ?? 'written', 'add', item)
    return this.#step(item, [put(placeOf(item), added)], (items) => [...items, added])
  }

  /** Stops sending the item until the person asks for it. Undefined if it has progressed too far. */
  fail(item: OutboxItem, failure: NonNullable<OutboxItem['failure']>): Step | undefined {
    if (!mayMove(item, 'fail')) return undefined
    return this.#change(item, moved(stateOfItem(item), 'fail', item, { failure }))
  }

  /** Replaces `item` with `sealed`, at the end. Undefined if it has progressed too far. */
  sealAgain(item: OutboxItem, sealed: OutboxItem): Step | undefined {
    if (!mayMove(item, 'seal_again')) return undefined
    const next = {
      ...moved(stateOfItem(item), 'seal_again', sealed),
      wasSealedBefore: true,
    } as const
    const changes = [remove(placeOf(item)), put(placeOf(next), next)]
    return this.#step(item, changes, (items) => [...items.filter((other) => other !== item), next])
  }

  /** Removes the item. Undefined if it has progressed too far. */
  discard(item: OutboxItem): Step | undefined {
    if (!mayMove(item, 'discard')) return undefined
    return this.#step(item, [remove(placeOf(item))], (items) =>
      items.filter((other) => other !== item),
    )
  }

  /** Accepted, but the log here hasn't reached it. */
  accepted(item: OutboxItem, accepted: NonNullable<OutboxItem['accepted']>): Step {
    return this.#change(item, moved(stateOfItem(item), 'accept', item, { accepted }))
  }

  /**
   * The server was wound back. Adds the lost items `again` in the order of writing, replaces items with the same ids, and
   * resets acceptances: the log here hasn't reached them, so the server may have lost them. It recognizes the others.
   */
  putBack(
    { id, counters }: Pick<ConversationRecord, 'id' | 'counters'>,
    again: readonly OutboxItem[],
  ): Step {
    const back = again.map((item) => {
      const event = item.wasAccepted ? 'lose' : 'seal_again'
      return moved(this.#stateOf(id, item.envelope.id) ?? 'in_log', event, item)
    })
    const replaced = new Set(again.map(({ envelope }) => envelope.id))
    const rest = this.of(id)
      .filter(({ envelope }) => !replaced.has(envelope.id))
      .map((item) => (item.accepted ? moved(stateOfItem(item), 'lose', item) : item))
    const items = [...back, ...rest].sort(byWriting(counters))
    return {
      changes: [
        ...this.of(id).map((item) => remove(placeOf(item))),
        ...items.map((item) => put(placeOf(item), item)),
      ],
      stored: () => this.#set(id, items),
    }
  }

  /**
   * Removes the items that these entries confirm; the window already contains them. An item stays if the entry with its
   * id has other content: the server or the other side made that entry. An item fails if it was accepted at a seq where
   * the log has something else. `spent` lists the items whose counters will never arrive.
   */
  arrived(
    { id, self, window: { first, newest } }: Pick<ConversationRecord, 'id' | 'self' | 'window'>,
    entries: readonly LogEntry[],
  ): Step & { readonly spent: readonly OutboxItem[] } {
    const arrived = new Map<OutboxItem, OpenedEntry>()
    for (const entry of entries) {
      const item = this.find(id, entry.id)
      if (!item || entry.kind !== 'message' || entry.sender !== self) continue
      if (isEntryOf(item, entry) && mayMove(item, 'arrive')) arrived.set(item, entry)
    }
    const isMissing = (item: OutboxItem) => {
      const seq = item.accepted?.seq
      return seq !== undefined && seq >= first && seq <= newest && !arrived.has(item)
    }
    const missing = this.of(id).filter(isMissing)
    const failed = new Map(missing.map((item) => [item, withoutLog(item)]))
    // The server had accepted an earlier sealing, under another counter or another id of this device.
    const renamed = [...arrived].filter(
      ([item, entry]) => entry.counter !== item.counter || entry.deviceId !== item.deviceId,
    )
    return {
      spent: [...renamed.map(([item]) => item), ...missing],
      changes: [
        ...[...arrived.keys()].map((item) => remove(placeOf(item))),
        ...[...failed.values()].map((item) => put(placeOf(item), item)),
      ],
      stored: () => {
        if (arrived.size === 0 && failed.size === 0) return
        const left = this.of(id).filter((item) => !arrived.has(item))
        this.#set(
          id,
          left.map((item) => failed.get(item) ?? item),
        )
      },
    }
  }

  /** One of our envelopes, opened without decrypting what this device encrypted. */
  opened(envelope: StoredEnvelope): OpenedEntry | undefined {
    const item = this.find(envelope.conversationId, envelope.id)
    const isThis = item?.envelope.ciphertext === envelope.ciphertext
    const isOwn = isThis && item.deviceId === envelope.senderDeviceId
    return isOwn ? opened(item, envelope) : undefined
  }

  #stateOf(id: ConversationId, message: EnvelopeId): ItemState | undefined {
    const item = this.find(id, message)
    return item && stateOfItem(item)
  }

  #change(item: OutboxItem, next: OutboxItem): Step {
    return this.#step(item, [put(placeOf(next), next)], (items) =>
      items.map((other) => (other === item ? next : other)),
    )
  }

  #step(
    { envelope: { conversationId } }: OutboxItem,
    changes: readonly Change[],
    next: (items: readonly OutboxItem[]) => readonly OutboxItem[],
  ): Step {
    return { changes, stored: () => this.#set(conversationId, next(this.of(conversationId))) }
  }

  #set(id: ConversationId, items: readonly OutboxItem[]): void {
    if (items.length > 0) this.#items.set(id, items)
    else this.#items.delete(id)
    this.#onChange(id)
  }
}

/** Loads the stored outbox. */
export async function openOutbox(
  storage: Store,
  onChange: (id: ConversationId) => void,
): Promise<Outbox> {
  const entries = await storage.range(OUTBOX, startingWith(''))
  return new Outbox(
    entries.map(({ value }) => value),
    onChange,
  )
}

function opened(
  item: OutboxItem,
  { id, seq, senderAccountId, acceptedAt }: StoredEnvelope,
): OpenedEntry {
  const { deviceId, counter, skipped, content, writtenTo } = item
  return {
    kind: 'message',
    seq,
    id,
    sender: senderAccountId,
    deviceId,
    counter,
    skipped,
    content,
    at: acceptedAt,
    writtenTo,
  }
}

/** Whether one of our entries is this message: another message could have its id. */
export function isEntryOf({ content }: OutboxItem, entry: OpenedEntry): boolean {
  return isSameContent(content, entry.content)
}

/** The server said that it accepted the message, but its log has something else at that seq. */
function withoutLog(item: OutboxItem): OutboxItem {
  return moved(stateOfItem(item), 'miss', item, { failure: 'untrusted_answer' })
}

/**
 * `item` in the state that `event` leads to from `before`. Callers check `mayMove` first where the event may not apply.
 */
function moved(
  before: ItemState,
  event: ItemEvent,
  item: OutboxItem,
  details?: Partial<Pick<OutboxItem, 'failure' | 'accepted'>>,
): OutboxItem {
  const next = OUTBOX_ITEM.next(before, event)
  if (next === null) throw new ClientError('internal', { state: before, event })
  return itemIn(next, item, details)
}

function placeOf({ envelope, counter, deviceId }: OutboxItem) {
  return outboxAt(envelope.conversationId, counter, deviceId)
}
