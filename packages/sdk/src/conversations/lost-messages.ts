import type { ConversationId, EnvelopeId } from '@sotto/wire'
import { put, remove } from '../storage/record-kind.ts'
import { LOST, type LogEntry, type LostMessage, lostMessageAt } from '../storage/records/log.ts'
import { type Change, type Step, startingWith } from '../storage/storage.ts'
import type { Store } from '../storage/store.ts'
import { groupBy } from './group-by.ts'
import { isSameMessage } from './log.ts'

/**
 * Entries on this device that the server has lost, until their senders send them again. They keep their place after the
 * last preceding message that the server still has.
 */
export class LostMessages {
  readonly #lost: Map<ConversationId, readonly LostMessage[]>

  constructor(lost: readonly LostMessage[]) {
    this.#lost = groupBy(lost, ({ conversationId }) => conversationId)
  }

  /** In order. `afterSeq` is the seq of the log message that they follow, or 0. */
  of(id: ConversationId): readonly LostMessage[] {
    let afterSeq = 0
    // A returned message only moved the place of the next one, which applies to all those after it.
    return (this.#lost.get(id) ?? []).map((message) => {
      afterSeq = Math.max(afterSeq, message.afterSeq)
      return { ...message, afterSeq }
    })
  }

  find(id: ConversationId, message: EnvelopeId): LostMessage | undefined {
    return (this.#lost.get(id) ?? []).find(({ entry }) => entry.id === message)
  }

  /** Adds entries that were lost, all of which follow those lost before. */
  add(
    id: ConversationId,
    afterSeq: number,
    entries: readonly Pick<LostMessage, 'entry' | 'wasRead'>[],
  ): Step {
    // The log has become shorter, so previously lost entries can't be placed beyond its end.
    const before = this.of(id).map((lost) => ({
      ...lost,
      afterSeq: Math.min(lost.afterSeq, afterSeq),
    }))
    const place = (before.at(-1)?.place ?? 0) + 1
    const added = entries.map((one, i) => ({
      ...one,
      conversationId: id,
      afterSeq,
      place: place + i,
    }))
    return this.#step(id, [...before, ...added], [...before, ...added].map(putLost))
  }

  /** The person has seen all of them. */
  markRead(id: ConversationId): Step {
    const before = this.#lost.get(id) ?? []
    const unread = before
      .filter(({ wasRead }) => !wasRead)
      .map((lost) => ({ ...lost, wasRead: true }))
    return this.#step(
      id,
      before.map((lost) => ({ ...lost, wasRead: true })),
      unread.map(putLost),
    )
  }

  /** The entries, with a note on those that were read before the server lost them. */
  recognized(id: ConversationId, entries: readonly LogEntry[]): LogEntry[] {
    return entries.map((entry) => {
      const lost = this.find(id, entry.id)
      const wasRead = lost?.wasRead && isBack(lost.entry, entry) && entry.kind !== 'advanced'
      return wasRead ? { ...entry, wasRead } : entry
    })
  }

  /** Handles lost entries that are back in the log. */
  returned(id: ConversationId, entries: readonly LogEntry[]): Step {
    const byId = byMessage(entries)
    const changes: Change[] = []
    const left: LostMessage[] = []
    let reached = 0
    for (const lost of this.#lost.get(id) ?? []) {
      const entry = byId.get(lost.entry.id)
      if (entry && isBack(lost.entry, entry)) {
        reached = Math.max(reached, lost.afterSeq, entry.seq)
        changes.push(remove(lostMessageAt(id, lost.place)))
      } else if (reached > lost.afterSeq) {
        left.push({ ...lost, afterSeq: reached })
        changes.push(putLost({ ...lost, afterSeq: reached }))
        reached = 0
      } else left.push(lost)
    }
    return this.#step(id, left, changes)
  }

  #step(id: ConversationId, next: readonly LostMessage[], changes: readonly Change[]): Step {
    return {
      changes,
      stored: () => {
        if (next.length > 0) this.#lost.set(id, next)
        else this.#lost.delete(id)
      },
    }
  }
}

/** The entries by id; for a message and its replays, the message. */
function byMessage(entries: readonly LogEntry[]): Map<EnvelopeId, LogEntry> {
  const byId = new Map<EnvelopeId, LogEntry>()
  for (const entry of entries) {
    if (entry.kind === 'message' || !byId.has(entry.id)) byId.set(entry.id, entry)
  }
  return byId
}

/**
 * Whether `entry` is the lost one. The id alone doesn't tell, because another message can have it. An envelope that
 * never opened is back if it's unchanged, or opens now.
 */
export function isBack(lost: LogEntry, entry: LogEntry): boolean {
  if (entry.kind === 'message') return isSameMessage(lost, entry)
  if (entry.kind === 'advanced') return lost.kind === 'advanced' && lost.id === entry.id
  return lost.kind === 'unreadable' && lost.envelope?.ciphertext === entry.envelope?.ciphertext
}

function putLost(lost: LostMessage): Change {
  return put(lostMessageAt(lost.conversationId, lost.place), lost)
}

/** Loads the stored lost messages. */
export async function openLostMessages(storage: Store): Promise<LostMessages> {
  const entries = await storage.range(LOST, startingWith('lost/'))
  return new LostMessages(entries.map(({ value }) => value))
}
