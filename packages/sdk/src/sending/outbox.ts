import type { ConversationId, EnvelopeId, StoredEnvelope } from '@sotto/wire'
import { groupBy } from '../conversations/group-by.ts'
import { type Change, type Step, type Storage, startingWith } from '../storage/storage.ts'
import {
  type LogEntry,
  type OpenedEntry,
  type OutboxItem,
  outboxAt,
  put,
  remove,
} from '../storage/stored.ts'

/** The messages of this device that are not in its log yet, in the order in which they were written. */
export class Outbox {
  readonly #items: Map<ConversationId, readonly OutboxItem[]>
  readonly #changed: (id: ConversationId) => void

  constructor(items: readonly OutboxItem[], changed: (id: ConversationId) => void) {
    this.#items = groupBy(items, ({ envelope }) => envelope.conversationId)
    this.#changed = changed
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

  /** A new item, at the end. */
  add(item: OutboxItem): Step {
    return this.#step(item, [put(placeOf(item), item)], (items) => [...items, item])
  }

  /** `next` in the place of `item`, or at the end. */
  replace(item: OutboxItem, next: OutboxItem, where: 'in place' | 'at the end'): Step {
    const changes = [remove(placeOf(item)), put(placeOf(next), next)]
    return this.#step(item, changes, (items) =>
      where === 'in place'
        ? items.map((other) => (other === item ? next : other))
        : [...items.filter((other) => other !== item), next],
    )
  }

  /**
   * The server was wound back: its log is known up to `common` only. Puts `again`, which it has lost,
   * before everything else and in the place of items with the same ids, and takes back what was
   * accepted further on.
   */
  putBack(id: ConversationId, again: readonly OutboxItem[], common: number): Step {
    const replaced = new Set(again.map(({ envelope }) => envelope.id))
    const rest = this.of(id)
      .filter(({ envelope }) => !replaced.has(envelope.id))
      .map((item) =>
        item.accepted && item.accepted.seq > common
          ? { ...item, accepted: null, wasAccepted: true as const }
          : item,
      )
    const items = [...again, ...rest]
    return {
      changes: [
        ...this.of(id).map((item) => remove(placeOf(item))),
        ...items.map((item) => put(placeOf(item), item)),
      ],
      stored: () => this.#set(id, items),
    }
  }

  discard(item: OutboxItem): Step {
    return this.#step(item, [remove(placeOf(item))], (items) =>
      items.filter((other) => other !== item),
    )
  }

  /** Accepted, but the log here has not got that far. */
  accepted(item: OutboxItem, accepted: NonNullable<OutboxItem['accepted']>): Step {
    return this.replace(item, { ...item, state: 'waiting', failure: null, accepted }, 'in place')
  }

  /**
   * Removes the items that these entries confirm. The log is here from `first` to `newest`. An item stays
   * if the entry with its id has other content: the server or the other side made that entry. An item
   * that was accepted at a seq where the log has something else has failed. `spent` are the counters
   * that will never come.
   */
  arrived(
    id: ConversationId,
    entries: readonly LogEntry[],
    { first, newest }: { readonly first: number; readonly newest: number },
  ): Step & { readonly spent: number[] } {
    const arrived = new Map<OutboxItem, OpenedEntry>()
    for (const entry of entries) {
      const item = this.find(id, entry.id)
      if (item && entry.kind === 'message' && isEntryOf(item, entry)) arrived.set(item, entry)
    }
    const isMissing = (item: OutboxItem) => {
      const seq = item.accepted?.seq
      return seq !== undefined && seq >= first && seq <= newest && !arrived.has(item)
    }
    const missing = this.of(id).filter(isMissing)
    const failed = new Map(missing.map((item) => [item, withoutLog(item)]))
    const renamed = [...arrived].filter(
      ([item, entry]) => entry.counter !== item.counter && entry.deviceId === item.deviceId,
    )
    return {
      spent: [...renamed.map(([item]) => item), ...missing].map(({ counter }) => counter),
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

  /** An own envelope, without decrypting what was encrypted here. */
  opened(envelope: StoredEnvelope): OpenedEntry | undefined {
    const item = this.find(envelope.conversationId, envelope.id)
    const isThis = item?.envelope.ciphertext === envelope.ciphertext
    return isThis && item.deviceId === envelope.senderDeviceId ? opened(item, envelope) : undefined
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
    this.#changed(id)
  }
}

/** The outbox as it was stored. */
export async function openOutbox(
  storage: Storage,
  changed: (id: ConversationId) => void,
): Promise<Outbox> {
  const entries = await storage.range('outbox', startingWith(''))
  return new Outbox(
    entries.map(({ value }) => value as OutboxItem),
    changed,
  )
}

function opened(item: OutboxItem, { id, seq, acceptedAt }: StoredEnvelope): OpenedEntry {
  const { deviceId, counter, skipped, text, writtenTo } = item
  return {
    kind: 'message',
    seq,
    id,
    mine: true,
    deviceId,
    counter,
    skipped,
    text,
    at: acceptedAt,
    writtenTo,
  }
}

/** Whether the entry is this message: another message could have its id. */
export function isEntryOf({ text }: OutboxItem, entry: OpenedEntry): boolean {
  return entry.mine && entry.text === text
}

/** The server said that it accepted the message, but its log has something else at that seq. */
function withoutLog(item: OutboxItem): OutboxItem {
  return { ...item, accepted: null, state: 'failed', failure: 'untrusted_answer' }
}

function placeOf({ envelope, counter, deviceId }: OutboxItem) {
  return outboxAt(envelope.conversationId, counter, deviceId)
}
