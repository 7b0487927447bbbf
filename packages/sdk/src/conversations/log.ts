import type { ConversationId, DeviceId } from '@sotto/wire'
import { isSameContent } from '../content/content.ts'
import { type Place, put } from '../storage/record-kind.ts'
import {
  entryAt,
  LOG,
  type LogEntry,
  type OpenedEntry,
  seenCounterAt,
  seenForeignAt,
  seenMessageAt,
} from '../storage/records/log.ts'
import type { Change } from '../storage/storage.ts'
import type { Store } from '../storage/store.ts'
import { type ConversationRecord, isAccepted } from './conversation-record.ts'
import { withArrived } from './counters.ts'
import { grownBy } from './log-window.ts'
import { afterArrival } from './reading.ts'
import { summarize } from './summary.ts'

/** A conversation's log on this device. */

/** How many entries a timeline loads at a time: first the newest, then older ones as the person scrolls up. */
export const TIMELINE_PAGE = 30

/** Entries after the check for replays, with the changes to store for them. */
export interface CheckedEntries {
  readonly entries: readonly LogEntry[]
  /** Later entries that turned out to repeat one of these. */
  readonly repeated: readonly LogEntry[]
  readonly changes: readonly Change[]
}

/** The stored entries from `first` to `last`, inclusive, in log order. */
export async function readEntries(
  storage: Store,
  id: ConversationId,
  first: number,
  last: number,
): Promise<LogEntry[]> {
  if (last < first) return []
  const range = { from: entryAt(id, first).key, below: entryAt(id, last + 1).key }
  return (await storage.range(LOG, range)).map(({ value }) => value)
}

/** The last `limit` of them. */
export async function readLastEntries(
  storage: Store,
  id: ConversationId,
  first: number,
  last: number,
  limit: number,
): Promise<LogEntry[]> {
  if (last < first) return []
  const range = { from: entryAt(id, first).key, below: entryAt(id, last + 1).key }
  const found = await storage.range(LOG, { ...range, descending: true, limit })
  return found.map(({ value }) => value).reverse()
}

/**
 * Finds messages that are already in the log, by their id or their device's counter. If the content is the same, the
 * entry with the lower seq is the message and the other is a replay, whichever arrived first. If the content differs,
 * the entry that arrived first stays: the server can't replace displayed content by sending something else under the
 * same id.
 */
export async function checkReplays(
  storage: Store,
  id: ConversationId,
  entries: readonly LogEntry[],
): Promise<CheckedEntries> {
  const names = entries.flatMap((entry) => (entry.kind === 'message' ? placesOf(id, entry) : []))
  const found = await storage.loadMany(names)
  const seen = new Map(names.map(({ key }, i) => [key, found[i]]))

  const repeated: LogEntry[] = []
  const checked: LogEntry[] = []
  for (const entry of entries) {
    if (entry.kind !== 'message') {
      checked.push(entry)
      continue
    }
    const keys = placesOf(id, entry).map(({ key }) => key)
    const places = keys.map((key) => seen.get(key)).filter((seq) => seq !== undefined)
    const later = await readAll(storage, id, new Set(places.filter((seq) => seq > entry.seq)))
    const isRepeated = places.some((seq) => seq < entry.seq)
    if (isRepeated || !later.every((one) => isSameMessage(one, entry))) {
      checked.push(asReplay(entry))
      continue
    }
    repeated.push(...later.map(asReplay))
    for (const key of keys) seen.set(key, entry.seq)
    checked.push(entry)
  }
  return { entries: checked, repeated, changes: changesOf(id, [...repeated, ...checked]) }
}

async function readAll(
  storage: Store,
  id: ConversationId,
  seqs: ReadonlySet<number>,
): Promise<LogEntry[]> {
  const found = await storage.loadMany([...seqs].map((seq) => entryAt(id, seq)))
  return found.filter((entry) => entry !== undefined)
}

/** Whether both are the same message, so that one may replace the other. */
export function isSameMessage(one: LogEntry, other: OpenedEntry): boolean {
  const isSaid = one.kind !== 'message' || isSameContent(one.content, other.content)
  return one.id === other.id && one.sender === other.sender && isSaid
}

/** The changes that store `entries`. */
function changesOf(id: ConversationId, entries: readonly LogEntry[]): Change[] {
  return entries.flatMap((entry) => [
    put(entryAt(id, entry.seq), entry),
    ...(entry.kind === 'message' ? placesOf(id, entry).map((place) => put(place, entry.seq)) : []),
  ])
}

/** The places that record that a message is in the log. */
export function placesOf(id: ConversationId, entry: OpenedEntry): Place<number>[] {
  if (entry.isForeign) return [seenForeignAt(id, entry.id)]
  return [seenMessageAt(id, entry.id), seenCounterAt(id, entry)]
}

/** A conversation whose log here has grown by `entries`, which continue it without gaps. */
export function grown(
  before: ConversationRecord,
  entries: readonly LogEntry[],
  deviceId: DeviceId,
): ConversationRecord {
  const { self } = before
  const window = grownBy(before.window, entries)
  const { newest } = window
  return {
    ...before,
    window,
    counters: withArrived(before.counters, entries, { self, deviceId }),
    reading: afterArrival(before.reading, entries, {
      self,
      newest,
      isAccepted: isAccepted(before),
    }),
    summary: summarize(before.summary, entries),
  }
}

function asReplay(entry: LogEntry): LogEntry {
  if (entry.kind === 'unreadable') return { ...entry, reason: 'replayed', envelope: null }
  const { seq, id, sender, deviceId, at } = entry
  return { kind: 'unreadable', seq, id, sender, deviceId, reason: 'replayed', at, envelope: null }
}
