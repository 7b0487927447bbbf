import type { ConversationId, DeviceId } from '@sotto/wire'
import type { Change, Storage } from '../storage/storage.ts'
import {
  type ConversationRecord,
  entryAt,
  type LogEntry,
  type OpenedEntry,
  type Place,
  put,
  seenCounterAt,
  seenForeignAt,
  seenMessageAt,
} from '../storage/stored.ts'
import { countingFor } from './conversations.ts'

/** A conversation's log as it is kept here. */

/** How many entries a timeline loads at a time: first the newest, then older ones as the person scrolls up. */
export const TIMELINE_PAGE = 30

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

/** The last `limit` of them. */
export async function readLastEntries(
  storage: Storage,
  id: ConversationId,
  first: number,
  last: number,
  limit: number,
): Promise<LogEntry[]> {
  if (last < first) return []
  const range = { from: entryAt(id, first).key, below: entryAt(id, last + 1).key }
  const found = await storage.range('log', { ...range, descending: true, limit })
  return found.map(({ value }) => value as LogEntry).reverse()
}

/**
 * Finds messages that are already in the log, by their id or their device's counter. If both have the same
 * content, the one with the lower seq is the message and the other one is a replay, whichever arrived
 * first. If the content differs, the one that arrived first stays: nothing on display is replaced because
 * the server brings something else under its id.
 */
export async function checkReplays(
  storage: Storage,
  id: ConversationId,
  entries: readonly LogEntry[],
): Promise<CheckedEntries> {
  const keys = entries.flatMap((entry) => (entry.kind === 'message' ? namesOf(id, entry) : []))
  const found = await storage.getMany('seen', keys)
  const seen = new Map(keys.map((key, i) => [key, found[i] as number | undefined]))

  const repeated: LogEntry[] = []
  const checked: LogEntry[] = []
  for (const entry of entries) {
    if (entry.kind !== 'message') {
      checked.push(entry)
      continue
    }
    const names = namesOf(id, entry)
    const places = names.map((name) => seen.get(name)).filter((seq) => seq !== undefined)
    const later = await readAll(storage, id, new Set(places.filter((seq) => seq > entry.seq)))
    const isRepeated = places.some((seq) => seq < entry.seq)
    if (isRepeated || !later.every((one) => isSameContent(one, entry))) {
      checked.push(asReplay(entry))
      continue
    }
    repeated.push(...later.map(asReplay))
    for (const name of names) seen.set(name, entry.seq)
    checked.push(entry)
  }
  return { entries: checked, repeated, changes: changesOf(id, [...repeated, ...checked]) }
}

async function readAll(
  storage: Storage,
  id: ConversationId,
  seqs: ReadonlySet<number>,
): Promise<LogEntry[]> {
  const keys = [...seqs].map((seq) => entryAt(id, seq).key)
  const found = await storage.getMany('log', keys)
  return found.filter((entry) => entry !== undefined) as LogEntry[]
}

/** Whether both have the same content, so that one may replace the other. */
export function isSameContent(one: LogEntry, other: OpenedEntry): boolean {
  const hasSameText = one.kind !== 'message' || one.text === other.text
  return one.id === other.id && one.mine === other.mine && hasSameText
}

/** What storing `entries` takes. */
function changesOf(id: ConversationId, entries: readonly LogEntry[]): Change[] {
  return entries.flatMap((entry) => [
    put(entryAt(id, entry.seq), entry),
    ...(entry.kind === 'message' ? placesOf(id, entry).map((place) => put(place, entry.seq)) : []),
  ])
}

/** Where it is kept that a message is in the log. */
export function placesOf(id: ConversationId, entry: OpenedEntry): Place<number>[] {
  if (entry.isForeign) return [seenForeignAt(id, entry.id)]
  return [seenMessageAt(id, entry.id), seenCounterAt(id, entry)]
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

/**
 * How far a counter in the log may be ahead of the own one. In `ecdh` the other side can forge messages in
 * our name, and the largest possible counter would leave none to write with.
 */
const MAX_COUNTER_STEP = 1_000

function mayOpenLater({ reason, envelope }: Extract<LogEntry, { kind: 'unreadable' }>): boolean {
  return envelope !== null && reason !== 'misplaced' && reason !== 'replayed'
}

/**
 * A counter that is in the log is spent, even if this device does not remember it: its storage may have
 * been put back to an older state.
 */
function nextCounter(next: number, entries: readonly LogEntry[], deviceId: string): number {
  let counter = next
  for (const entry of entries) {
    if (entry.kind !== 'message' || !entry.mine || entry.deviceId !== deviceId) continue
    const isNear = entry.counter < counter + MAX_COUNTER_STEP
    if (isNear) counter = Math.max(counter, entry.counter + 1)
  }
  return counter
}

function namesOf(id: ConversationId, entry: OpenedEntry): string[] {
  return placesOf(id, entry).map(({ key }) => key)
}

function asReplay(entry: LogEntry): LogEntry {
  if (entry.kind === 'unreadable') return { ...entry, reason: 'replayed', envelope: null }
  const { seq, id, mine, deviceId, at } = entry
  return { kind: 'unreadable', seq, id, mine, deviceId, reason: 'replayed', at, envelope: null }
}
