import type { DeviceId } from '@sotto/wire'
import type { Message, TimelineNotice } from '../api/commands.ts'
import { statusAt } from '../conversations/conversation-state.ts'
import { groupBy } from '../conversations/group-by.ts'
import type {
  ConversationRecord,
  KeyChange,
  LogEntry,
  LostMessage,
  OpenedEntry,
  OutboxItem,
  UnreadableEntry,
} from '../storage/stored.ts'

type Item = Message | TimelineNotice

/** What a timeline is made of. */
export interface TimelineParts {
  readonly conversation: ConversationRecord
  /** A part of the log without holes, in its order. */
  readonly entries: readonly LogEntry[]
  /** What is here and the server has lost, in its order. */
  readonly lost: readonly LostMessage[]
  /** What was written here and is not in the log yet, in the order of writing. */
  readonly outbox: readonly OutboxItem[]
}

/** Messages in the order of the log, with what was noticed between them; what waits comes last. */
export function timelineItems(parts: TimelineParts): Item[] {
  const { conversation, entries, lost, outbox } = parts
  const noticesBefore = counterNotices(parts)
  const items: Item[] = []
  let keyChanges = conversation.keyChanges.filter(
    ({ afterSeq }) => afterSeq + 1 >= (entries[0]?.seq ?? 0),
  )
  let lostAfter = lost.filter(({ afterSeq }) => afterSeq + 1 >= (entries[0]?.seq ?? 0))
  for (const entry of entries) {
    items.push(...lostAfter.filter(({ afterSeq }) => afterSeq < entry.seq).map(lostItem))
    lostAfter = lostAfter.filter(({ afterSeq }) => afterSeq >= entry.seq)
    const passed = keyChanges.filter(({ afterSeq }) => afterSeq < entry.seq)
    keyChanges = keyChanges.filter(({ afterSeq }) => afterSeq >= entry.seq)
    items.push(...passed.map(keyChangeNotice), ...(noticesBefore.get(entry.seq) ?? []))
    if (entry.kind === 'message' && entry.isForeign) items.push(foreignNotice(entry))
    items.push(entry.kind === 'message' ? message(conversation, entry) : unreadable(entry))
  }
  items.push(...lostAfter.map(lostItem), ...keyChanges.map(keyChangeNotice))
  const shownFrom = entries[0]?.seq ?? 0
  // Messages that were accepted further up appear when the person scrolls there.
  const atEnd = outbox.filter(({ accepted }) => !accepted || accepted.seq >= shownFrom)
  return [...items, ...atEnd.map((item) => waiting(conversation, item))]
}

/**
 * Each device counts its messages in a conversation from 1. A counter that is missing between two
 * messages is a gap, one that comes after a higher one is out of order. Of a log that is only partly
 * here just neighbours are compared; where it is here from its beginning, a device begins with 1.
 */
function counterNotices(parts: TimelineParts): Map<number, TimelineNotice[]> {
  const { entries, lost } = parts
  const notices = new Map<number, TimelineNotice[]>()
  const notSent = countersNotSent(parts)
  // A forged message says nothing about the device that it names.
  const genuine = entries.filter((entry) => entry.kind !== 'message' || !entry.isForeign)
  const isFromStart = entries[0]?.seq === 1
  for (const [device, all] of groupBy(genuine, nameOf)) {
    const shownAsLost = lost.filter(({ entry }) => nameOf(entry) === device)
    const counters = countersOf([...all, ...shownAsLost.map(({ entry }) => entry)])
    const accountedFor = new Set([...counters, ...(notSent.get(device) ?? [])])
    noteDevice(notices, device, { entries: all, accountedFor, isFromStart })
  }
  return notices
}

/** A device may have the id of another person's device. */
function nameOf({ mine, deviceId }: Pick<LogEntry, 'mine' | 'deviceId'>): string {
  return `${mine ? 'own' : 'peer'}/${deviceId}`
}

/** The counters that these entries have or give up. */
function countersOf(entries: readonly LogEntry[]): number[] {
  return entries.flatMap((entry) =>
    entry.kind === 'message' ? [entry.counter, ...entry.skipped] : [],
  )
}

/** By device: counters of messages that wait or failed here, and those given up and not told yet. */
function countersNotSent({ conversation, outbox }: TimelineParts): Map<string, number[]> {
  const counters = new Map<string, number[]>()
  const note = (deviceId: DeviceId, more: readonly number[]) => {
    const device = nameOf({ mine: true, deviceId })
    counters.set(device, [...(counters.get(device) ?? []), ...more])
  }
  for (const { deviceId, counter, skipped } of outbox) note(deviceId, [counter, ...skipped])
  if (conversation.counterOf !== null) note(conversation.counterOf, conversation.skipped)
  return counters
}

/** One device's messages in a part of the log. */
interface DeviceLog {
  readonly entries: readonly LogEntry[]
  readonly accountedFor: ReadonlySet<number>
  /** Whether the part begins with the log. */
  readonly isFromStart: boolean
}

function noteDevice(
  notices: Map<number, TimelineNotice[]>,
  device: string,
  { entries, accountedFor, isFromStart }: DeviceLog,
) {
  const opened = entries.filter((entry) => entry.kind === 'message')
  let highest = isFromStart ? 0 : (opened[0]?.counter ?? 1) - 1
  let unreadables = 0
  for (const entry of entries) {
    if (entry.kind === 'unreadable') {
      // Shown in its place: most likely it is one of those that seem to be missing.
      if (entry.reason !== 'replayed') unreadables += 1
      continue
    }
    const { counter, mine, seq } = entry
    const key = `${device}/${counter}`
    if (counter < highest) {
      notices.set(seq, [{ kind: 'out_of_order', key: `order/${key}`, mine }])
      continue
    }
    const isNext = counter === highest + 1
    const missing = isNext ? 0 : countMissing(highest, counter, accountedFor) - unreadables
    if (missing > 0) notices.set(seq, [{ kind: 'gap', key: `gap/${key}`, count: missing, mine }])
    highest = counter
    unreadables = 0
  }
}

/** Counters between two that nothing here accounts for. A hostile sender can make the distance huge. */
function countMissing(below: number, above: number, accountedFor: ReadonlySet<number>): number {
  let known = 0
  for (const counter of accountedFor) if (counter > below && counter < above) known += 1
  return above - below - 1 - known
}

function message(conversation: ConversationRecord, entry: OpenedEntry): Message {
  const { id, seq, mine, text, at, deviceId } = entry
  const status = mine ? statusAt(conversation, seq) : 'accepted'
  return { kind: 'message', id, seq, mine, text, status, failure: null, at, deviceId }
}

function lostItem({ entry, place }: LostMessage): Item {
  const key = `lost/${place}`
  if (entry.kind === 'unreadable') return { ...unreadable(entry), key }
  const { id, mine, text, at, deviceId } = entry
  const status = 'accepted'
  return { kind: 'message', id, seq: null, mine, text, status, failure: null, at, deviceId }
}

function foreignNotice({ seq }: OpenedEntry): TimelineNotice {
  return { kind: 'not_written_here', key: `foreign/${seq}` }
}

function unreadable(entry: UnreadableEntry): Extract<TimelineNotice, { kind: 'unreadable' }> {
  const { seq, at, mine, reason } = entry
  return { kind: 'unreadable', key: `unreadable/${seq}`, seq, at, mine, reason }
}

function waiting(conversation: ConversationRecord, item: OutboxItem): Message {
  const { envelope, text, deviceId, failure, accepted, writtenAt } = item
  const status = accepted ? statusAt(conversation, accepted.seq) : item.state
  return {
    kind: 'message',
    id: envelope.id,
    seq: accepted?.seq ?? null,
    mine: true,
    text,
    status,
    failure,
    at: accepted?.at ?? writtenAt,
    deviceId,
  }
}

function keyChangeNotice({ replaced, at, renewed }: KeyChange): TimelineNotice {
  if (renewed) {
    const isVerified = renewed === 'verified'
    return { kind: 'keys_renewed', key: `key/${replaced}/${at}`, at, isVerified }
  }
  return { kind: 'key_changed', key: `key/${replaced}/${at}`, at }
}
