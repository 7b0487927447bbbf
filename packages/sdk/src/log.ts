import type { ConversationId, DeviceId } from '@sotto/wire'
import { countingFor } from './conversations.ts'
import type { Change, Storage } from './storage.ts'
import {
  type ConversationRecord,
  entryAt,
  type LogEntry,
  put,
  seenCounterAt,
  seenMessageAt,
} from './stored.ts'

/** A conversation's log as it is kept here. */

/** Entries that have to be told from those before and after them, with what to store for it. */
export interface CheckedEntries {
  readonly entries: readonly LogEntry[]
  /** Entries further on that turned out to be the repetition of one of these. */
  readonly repeated: readonly LogEntry[]
  readonly changes: readonly Change[]
}

/** The stored entries from `first` to `last`, both inside, in the order of the log. */
export async function readEntries(
  storage: Storage,
  id: ConversationId,
  first: number,
  last: number,
): Promise<LogEntry[]> {
  if (last < first) return []
  const range = { from: entryAt(id, first).key, below: entryAt(id, last + 1).key }
  return (await storage.range('log', range)).map(({ value }) => value as LogEntry)
}

/**
 * Finds the messages that are in the log already, by their id or their device's counter. Of two, the
 * one with the lower seq is the message, the other a replay, whichever of them came here first.
 */
export async function checkReplays(
  storage: Storage,
  id: ConversationId,
  entries: readonly LogEntry[],
): Promise<CheckedEntries> {
  const keys = entries.flatMap((entry) => (entry.kind === 'message' ? namesOf(id, entry) : []))
  const found = await storage.getMany('seen', keys)
  const seen = new Map(keys.map((key, i) => [key, found[i] as number | undefined]))

  const repeatedAt = new Set<number>()
  const checked = entries.map((entry) => {
    if (entry.kind !== 'message') return entry
    const names = namesOf(id, entry)
    const places = names.map((name) => seen.get(name)).filter((seq) => seq !== undefined)
    if (places.some((seq) => seq < entry.seq)) return asReplay(entry)
    for (const seq of places) if (seq > entry.seq) repeatedAt.add(seq)
    for (const name of names) seen.set(name, entry.seq)
    return entry
  })
  const repeated = await Promise.all(
    [...repeatedAt].map((seq) => storage.get('log', entryAt(id, seq).key)),
  )
  const replays = repeated.map((entry) => asReplay(entry as LogEntry))
  return { entries: checked, repeated: replays, changes: changesOf(id, [...replays, ...checked]) }
}

/** What storing `entries` takes. */
function changesOf(id: ConversationId, entries: readonly LogEntry[]): Change[] {
  return entries.flatMap((entry) => [
    put(entryAt(id, entry.seq), entry),
    ...(entry.kind === 'message'
      ? [put(seenMessageAt(id, entry.id), entry.seq), put(seenCounterAt(id, entry), entry.seq)]
      : []),
  ])
}

/** A conversation whose log here has grown by `entries`, which follow what is there without a hole. */
export function grown(
  before: ConversationRecord,
  entries: readonly LogEntry[],
  deviceId: DeviceId,
): ConversationRecord {
  const conversation = countingFor(before, deviceId)
  const newest = entries.at(-1)?.seq ?? conversation.newest
  const { readSeq } = conversation.myMarks
  const countFrom = Math.max(readSeq, conversation.countedSeq)
  const uncounted = entries.filter(({ mine, seq }) => !mine && seq > countFrom)
  const shown = entries.findLast((entry) => entry.kind === 'message')
  const hasOthers = entries.some(({ mine }) => !mine)
  return {
    ...conversation,
    first: conversation.first || (entries[0]?.seq ?? 0),
    newest,
    lastSeq: Math.max(conversation.lastSeq, newest),
    myMarks: { ...conversation.myMarks, deliveredSeq: newest },
    marksDue: conversation.marksDue || (hasOthers && conversation.mine === 'accepted'),
    nextCounter: nextCounter(conversation.nextCounter, entries, deviceId),
    ...(shown && { last: summaryOf(shown), lastShownSeq: shown.seq }),
    unread: conversation.unread + uncounted.length,
    countedSeq: Math.max(conversation.countedSeq, newest),
    updatedAt: Math.max(conversation.updatedAt, entries.at(-1)?.at ?? 0),
    unopened: withUnopened(conversation.unopened, entries),
  }
}

export function summaryOf({ text, mine, at }: Extract<LogEntry, { kind: 'message' }>) {
  return { text, mine, at }
}

const MAX_UNOPENED = 500

/** Those that more knowledge may open; the newest, if they are very many. */
export function withUnopened(known: readonly number[], entries: readonly LogEntry[]): number[] {
  const closed = entries.filter((entry) => entry.kind === 'unreadable' && mayOpenLater(entry))
  const opened = new Set(entries.map(({ seq }) => seq))
  const seqs = [...known.filter((seq) => !opened.has(seq)), ...closed.map(({ seq }) => seq)]
  return seqs.sort((a, b) => a - b).slice(-MAX_UNOPENED)
}

function mayOpenLater({ reason, envelope }: Extract<LogEntry, { kind: 'unreadable' }>): boolean {
  return envelope !== null && reason !== 'misplaced' && reason !== 'replayed'
}

/** A counter that stands in the log is spent, even if this device does not remember it. */
function nextCounter(next: number, entries: readonly LogEntry[], deviceId: string): number {
  const own = entries.flatMap((entry) =>
    entry.kind === 'message' && entry.mine && entry.deviceId === deviceId
      ? [entry.counter + 1]
      : [],
  )
  return Math.max(next, ...own)
}

function namesOf(id: ConversationId, entry: Extract<LogEntry, { kind: 'message' }>): string[] {
  return [seenMessageAt(id, entry.id).key, seenCounterAt(id, entry).key]
}

function asReplay(entry: LogEntry): LogEntry {
  if (entry.kind === 'unreadable') return { ...entry, reason: 'replayed', envelope: null }
  const { seq, id, mine, deviceId, at } = entry
  return { kind: 'unreadable', seq, id, mine, deviceId, reason: 'replayed', at, envelope: null }
}
