import type { ConversationId } from '@sotto/wire'
import type { Updates, ViewSource } from '../api/updates.ts'
import type { TimelineView } from '../api/views.ts'
import { ownMarks } from '../conversations/conversation-record.ts'
import type { Conversations } from '../conversations/conversations.ts'
import { readEntries, readLastEntries, TIMELINE_PAGE } from '../conversations/log.ts'
import type { LogEntry, LostMessage, OutboxItem } from '../storage/records/log.ts'
import type { Store } from '../storage/store.ts'
import { timelineItems } from './timeline-items.ts'

const MAX_OPEN = 20

export interface TimelinesDependencies {
  readonly storage: Store
  readonly updates: Updates
  readonly conversations: Conversations
  readonly outbox: (id: ConversationId) => readonly OutboxItem[]
  readonly lost: (id: ConversationId) => readonly LostMessage[]
  /** Fetches older entries from the server into the storage. */
  readonly fetchOlder: (id: ConversationId) => Promise<void>
  readonly onError: (error: unknown) => void
}

interface Timeline {
  /** Undefined until they have been read from storage. */
  entries: LogEntry[] | undefined
  filled: Promise<void>
  isWatched: boolean
  isLoadingOlder: boolean
  readSeq: number
}

/**
 * The timelines on display, and those displayed most recently.
 *
 * Views are computed from memory and storage only, so they work offline and never wait for the network. What a timeline
 * shows between messages (gaps, changed keys, lost messages) is derived each time from the log (`timeline-items.ts`)
 * and stored nowhere. If the storage can't be read, a timeline stays as it was, and the error goes to `onError`.
 */
export class Timelines {
  readonly #deps: TimelinesDependencies
  readonly #timelines = new Map<ConversationId, Timeline>()

  constructor(deps: TimelinesDependencies) {
    this.#deps = deps
  }

  source(id: ConversationId): ViewSource<TimelineView> {
    return {
      read: () => this.#view(id),
      watched: (isWatched) => {
        const timeline = this.#open(id)
        timeline.isWatched = isWatched
        if (isWatched) timeline.readSeq = this.#readSeq(id)
        else this.#dropOldest()
        this.changed(id)
      },
    }
  }

  /** The conversations on screen. */
  watched(): ConversationId[] {
    return [...this.#timelines].filter(([, { isWatched }]) => isWatched).map(([id]) => id)
  }

  /** Something that a timeline shows has changed. */
  changed(id: ConversationId): void {
    if (!this.#timelines.has(id)) return
    this.#deps.updates.changed({ view: 'timeline', conversationId: id })
  }

  /** Entries were stored, at the end or in place of others. */
  stored(id: ConversationId, entries: readonly LogEntry[]): void {
    const timeline = this.#timelines.get(id)
    if (!timeline) return
    const from = timeline.entries?.[0]?.seq ?? 0
    const shown = entries.filter(({ seq }) => seq >= from)
    if (timeline.entries) timeline.entries = merged(timeline.entries, shown)
    this.changed(id)
  }

  /** The entries after `afterSeq` are no longer in the log. */
  cut(id: ConversationId, afterSeq: number): void {
    const timeline = this.#timelines.get(id)
    if (timeline?.entries) {
      timeline.entries = timeline.entries.filter(({ seq }) => seq <= afterSeq)
    }
    this.changed(id)
  }

  async loadOlder(id: ConversationId): Promise<void> {
    const { storage, conversations, fetchOlder } = this.#deps
    const timeline = this.#open(id)
    await timeline.filled
    const shownFrom = timeline.entries?.[0]?.seq ?? 0
    if (timeline.isLoadingOlder || shownFrom <= 1) return
    timeline.isLoadingOlder = true
    this.changed(id)
    try {
      if (shownFrom <= conversations.load(id).window.first) await fetchOlder(id)
      const { first } = conversations.load(id).window
      // The log may have a gap of whatever size the server likes.
      const older = await readLastEntries(storage, id, first, shownFrom - 1, TIMELINE_PAGE)
      timeline.entries = merged(older, timeline.entries ?? [])
    } finally {
      timeline.isLoadingOlder = false
      this.changed(id)
    }
  }

  #open(id: ConversationId): Timeline {
    const known = this.#timelines.get(id)
    if (known) {
      // The most recently opened is dropped last.
      this.#timelines.delete(id)
      this.#timelines.set(id, known)
      return known
    }
    const timeline: Timeline = {
      entries: undefined,
      filled: Promise.resolve(),
      isWatched: false,
      isLoadingOlder: false,
      readSeq: this.#readSeq(id),
    }
    this.#timelines.set(id, timeline)
    timeline.filled = this.#fill(id, timeline).catch(this.#deps.onError)
    return timeline
  }

  async #fill(id: ConversationId, timeline: Timeline): Promise<void> {
    const { storage, conversations } = this.#deps
    const newest = () => conversations.get(id)?.window.newest ?? 0
    const first = conversations.get(id)?.window.first ?? 0
    let entries: LogEntry[] = []
    let readTo = Math.max(first, newest() - TIMELINE_PAGE + 1) - 1
    // More may be stored during the read.
    while (readTo < newest()) {
      const upTo = newest()
      entries = [...entries, ...(await readEntries(storage, id, readTo + 1, upTo))]
      readTo = upTo
    }
    timeline.entries = entries
    this.changed(id)
    const isShort = entries.length < TIMELINE_PAGE && first > 1
    if (isShort) void this.loadOlder(id).catch(() => {})
  }

  #view(id: ConversationId): TimelineView | undefined {
    const { conversations, outbox, lost } = this.#deps
    const { entries, isLoadingOlder, readSeq } = this.#open(id)
    const conversation = conversations.get(id)
    if (!entries || !conversation) return undefined
    const shownFrom = entries[0]?.seq ?? 1
    return {
      conversationId: id,
      items: timelineItems({ conversation, entries, lost: lost(id), outbox: outbox(id) }),
      hasOlder: shownFrom > 1,
      loadingOlder: isLoadingOlder,
      readSeq,
    }
  }

  #readSeq(id: ConversationId): number {
    const conversation = this.#deps.conversations.get(id)
    return conversation ? ownMarks(conversation).readSeq : 0
  }

  #dropOldest(): void {
    for (const [id, { isWatched }] of this.#timelines) {
      if (this.#timelines.size <= MAX_OPEN) return
      if (!isWatched) this.#timelines.delete(id)
    }
  }
}

/** Merges both in log order; if two entries have the same seq, the one in `newer` wins. */
function merged(older: readonly LogEntry[], newer: readonly LogEntry[]): LogEntry[] {
  const last = older.at(-1)?.seq ?? 0
  if (newer.every(({ seq }) => seq > last)) return [...older, ...newer]
  const bySeq = new Map([...older, ...newer].map((entry) => [entry.seq, entry]))
  return [...bySeq.values()].sort((one, other) => one.seq - other.seq)
}
