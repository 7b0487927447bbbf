import type { AccountId, DeviceId } from '@sotto/wire'
import type { Message, TimelineNotice } from '../api/views.ts'
import { previewOf, readContent, type SealedContent } from '../content/content.ts'
import type { ConversationRecord } from '../conversations/conversation-record.ts'
import { statusAt } from '../conversations/conversation-state.ts'
import { groupBy } from '../conversations/group-by.ts'
import type { KeyChange } from '../storage/records/conversations.ts'
import type {
  LogEntry,
  LostMessage,
  OpenedEntry,
  OutboxItem,
  UnreadableEntry,
} from '../storage/records/log.ts'

type Item = Message | TimelineNotice

/** The sources of a timeline. */
export interface TimelineParts {
  readonly conversation: ConversationRecord
  /** A contiguous part of the log, in order. */
  readonly entries: readonly LogEntry[]
  /** Entries that are here but that the server has lost, in order. */
  readonly lost: readonly LostMessage[]
  /** Messages written here that aren't in the log yet, in the order they were written. */
  readonly outbox: readonly OutboxItem[]
}

/** Messages in log order with notices in between; waiting messages come last. */
export function timelineItems(parts: TimelineParts): Item[] {
  const { conversation, entries, lost, outbox } = parts
  const noticesBefore = counterNotices(parts)
  const items: Item[] = []
  let keyChanges = conversation.keyChanges.filter(
    ({ afterSeq }) => afterSeq + 1 >= (entries[0]?.seq ?? 0),
  )
  let lostAfter = lost.filter(({ afterSeq }) => afterSeq + 1 >= (entries[0]?.seq ?? 0))
  for (const entry of entries) {
    const returning = lostAfter.filter(({ afterSeq }) => afterSeq < entry.seq)
    items.push(...returning.flatMap((one) => lostItem(conversation, one)))
    lostAfter = lostAfter.filter(({ afterSeq }) => afterSeq >= entry.seq)
    const passed = keyChanges.filter(({ afterSeq }) => afterSeq < entry.seq)
    keyChanges = keyChanges.filter(({ afterSeq }) => afterSeq >= entry.seq)
    items.push(...passed.map(keyChangeNotice), ...(noticesBefore.get(entry.seq) ?? []))
    if (entry.kind === 'message' && entry.isForeign) items.push(foreignNotice(entry))
    if (entry.kind === 'message') items.push(message(conversation, entry))
    else if (entry.kind === 'unreadable') items.push(unreadable(conversation, entry))
  }
  items.push(...lostAfter.flatMap((one) => lostItem(conversation, one)))
  items.push(...keyChanges.map(keyChangeNotice))
  const shownFrom = entries[0]?.seq ?? 0
  // Messages that were accepted further up appear when the person scrolls there.
  const atEnd = outbox.filter(({ accepted }) => !accepted || accepted.seq >= shownFrom)
  return [...items, ...atEnd.map((item) => waiting(conversation, item))]
}

/**
 * Each device counts its messages in a conversation from 1. A missing counter between two messages is a gap; one that
 * follows a higher one is out of order. In a partial log only neighbors are compared; in a complete one, each device
 * starts at 1.
 */
function counterNotices(parts: TimelineParts): Map<number, TimelineNotice[]> {
  const { conversation, entries, lost } = parts
  const { self } = conversation
  const notices = new Map<number, TimelineNotice[]>()
  const notSent = countersNotSent(parts)
  // A forged message says nothing about the device that it names.
  const genuine = entries.filter((entry) => entry.kind !== 'message' || !entry.isForeign)
  const isFromStart = entries[0]?.seq === 1
  for (const [device, all] of groupBy(genuine, nameOf)) {
    const shownAsLost = lost.filter(({ entry }) => nameOf(entry) === device)
    const counters = countersOf([...all, ...shownAsLost.map(({ entry }) => entry)])
    const accountedFor = new Set([...counters, ...(notSent.get(device) ?? [])])
    noteDevice(notices, device, { self, entries: all, accountedFor, isFromStart })
  }
  return notices
}

/** A device may have the same id as another person's device. */
function nameOf({ sender, deviceId }: Pick<LogEntry, 'sender' | 'deviceId'>): string {
  return `${sender}/${deviceId}`
}

/** The counters that these entries have or report as skipped. */
function countersOf(entries: readonly LogEntry[]): number[] {
  return entries.flatMap((entry) =>
    entry.kind === 'message' ? [entry.counter, ...entry.skipped] : [],
  )
}

/** By device: counters of messages that are waiting or have failed here, and skipped ones not yet reported. */
function countersNotSent({ conversation, outbox }: TimelineParts): Map<string, number[]> {
  const counters = new Map<string, number[]>()
  const note = (deviceId: DeviceId, more: readonly number[]) => {
    const device = nameOf({ sender: conversation.self, deviceId })
    counters.set(device, [...(counters.get(device) ?? []), ...more])
  }
  for (const { deviceId, counter, skipped } of outbox) note(deviceId, [counter, ...skipped])
  const { counters: own } = conversation
  if (own.deviceId !== null) note(own.deviceId, own.skipped)
  return counters
}

/** One device's messages in a part of the log. */
interface DeviceLog {
  /** Our account. */
  readonly self: AccountId
  readonly entries: readonly LogEntry[]
  readonly accountedFor: ReadonlySet<number>
  /** Whether the part starts at the beginning of the log. */
  readonly isFromStart: boolean
}

function noteDevice(
  notices: Map<number, TimelineNotice[]>,
  device: string,
  { self, entries, accountedFor, isFromStart }: DeviceLog,
) {
  const opened = entries.filter((entry) => entry.kind === 'message')
  let highest = isFromStart ? 0 : (opened[0]?.counter ?? 1) - 1
  let unreadables = 0
  for (const entry of entries) {
    if (entry.kind === 'unreadable') {
      // It is shown in its place, and is probably one of those that seem to be missing.
      if (entry.reason !== 'replayed') unreadables += 1
      continue
    }
    if (entry.kind === 'advanced') continue
    const { counter, sender, seq } = entry
    const mine = sender === self
    const key = `${device}/${counter}`
    if (counter < highest) {
      notices.set(seq, [{ kind: 'out_of_order', key: `order/${key}`, mine }])
      continue
    }
    const isNext = counter === highest + 1
    const missing = isNext ? 0 : countMissing(highest, counter, accountedFor) - unreadables
    if (missing > 0) {
      notices.set(seq, [{ kind: 'gap', key: `gap/${key}`, count: missing, sender, mine }])
    }
    highest = counter
    unreadables = 0
  }
}

/** Counts the counters between two that nothing here accounts for. A hostile sender can make the distance huge. */
function countMissing(below: number, above: number, accountedFor: ReadonlySet<number>): number {
  let known = 0
  for (const counter of accountedFor) if (counter > below && counter < above) known += 1
  return above - below - 1 - known
}

function message(conversation: ConversationRecord, entry: OpenedEntry): Message {
  const { id, seq, sender, at, deviceId } = entry
  const mine = sender === conversation.self
  const status = mine ? statusAt(conversation, seq) : 'accepted'
  const shown = shownContent(entry.content)
  return { kind: 'message', id, seq, sender, mine, ...shown, status, failure: null, at, deviceId }
}

function lostItem(conversation: ConversationRecord, { entry, place }: LostMessage): Item[] {
  if (entry.kind === 'advanced') return []
  if (entry.kind === 'unreadable') {
    return [{ ...unreadable(conversation, entry), key: `lost/${place}` }]
  }
  return [{ ...message(conversation, entry), seq: null, status: 'accepted' }]
}

function shownContent(sealed: SealedContent): Pick<Message, 'content' | 'text'> {
  const content = readContent(sealed)
  return { content, text: previewOf(content) }
}

function foreignNotice({ seq }: OpenedEntry): TimelineNotice {
  return { kind: 'not_written_here', key: `foreign/${seq}` }
}

function unreadable(
  { self }: ConversationRecord,
  { seq, at, sender, reason }: UnreadableEntry,
): Extract<TimelineNotice, { kind: 'unreadable' }> {
  const mine = sender === self
  return { kind: 'unreadable', key: `unreadable/${seq}`, seq, at, mine, reason }
}

function waiting(conversation: ConversationRecord, item: OutboxItem): Message {
  const { envelope, content, deviceId, failure, accepted, writtenAt } = item
  const status = accepted ? statusAt(conversation, accepted.seq) : item.state
  return {
    kind: 'message',
    id: envelope.id,
    seq: accepted?.seq ?? null,
    sender: conversation.self,
    mine: true,
    ...shownContent(content),
    status,
    failure,
    at: accepted?.at ?? writtenAt,
    deviceId,
  }
}

function keyChangeNotice({ accountId, replaced, at, renewed }: KeyChange): TimelineNotice {
  if (renewed) {
    const isVerified = renewed === 'verified'
    return { kind: 'keys_renewed', key: `key/${replaced}/${at}`, accountId, at, isVerified }
  }
  return { kind: 'key_changed', key: `key/${replaced}/${at}`, accountId, at }
}
