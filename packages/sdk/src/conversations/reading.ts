import type { AccountId, Conversation } from '@sotto/wire'
import type { Marks, Reading } from '../storage/records/conversations.ts'
import type { LogEntry } from '../storage/records/log.ts'
import { NO_MARKS } from './conversation-record.ts'

/** Read marks and the number of unread messages. */

export const NOTHING_READ: Reading = { marks: {}, marksDue: false, unread: 0, countedSeq: 0 }

/** Marks never decrease. */
export function higherMarks(one: Marks, other: Marks): Marks {
  return {
    deliveredSeq: Math.max(one.deliveredSeq, other.deliveredSeq),
    readSeq: Math.max(one.readSeq, other.readSeq),
  }
}

/** Raises one participant's marks. */
export function withMarks(reading: Reading, accountId: AccountId, marks: Marks): Reading {
  const raised = higherMarks(reading.marks[accountId] ?? NO_MARKS, marks)
  return { ...reading, marks: { ...reading.marks, [accountId]: raised } }
}

/**
 * The reading state after the server's answer. Its unread count is used if it knows more: for a conversation whose log
 * isn't here yet (`isEmpty`), or one that was read on another device. Otherwise messages are counted as they arrive.
 */
export function afterTold(
  before: Reading,
  { participants, unread, lastSeq }: Conversation,
  { self, isEmpty }: { self: AccountId; isEmpty: boolean },
): Reading {
  const marks = { ...before.marks }
  for (const { accountId, ...told } of participants) {
    marks[accountId] = higherMarks(before.marks[accountId] ?? NO_MARKS, told)
  }
  const readSeq = before.marks[self]?.readSeq ?? 0
  const now = marks[self]?.readSeq ?? 0
  const knowsMore = lastSeq >= before.countedSeq && (isEmpty || now > readSeq)
  if (!knowsMore) return { ...before, marks }
  // The server may not know yet what was read here.
  return {
    ...before,
    marks,
    unread: Math.min(unread, Math.max(0, lastSeq - now)),
    countedSeq: lastSeq,
  }
}

/** The reading state after `entries` up to `newest` have arrived. Marks are due to people who were accepted. */
export function afterArrival(
  before: Reading,
  entries: readonly LogEntry[],
  { self, newest, isAccepted }: { self: AccountId; newest: number; isAccepted: boolean },
): Reading {
  const own = before.marks[self] ?? NO_MARKS
  const countFrom = Math.max(own.readSeq, before.countedSeq)
  const added = entries.filter((entry) => entry.seq > countFrom && isUnread(entry, self))
  const hasOthers = entries.some(({ sender }) => sender !== self)
  return {
    marks: { ...before.marks, [self]: { ...own, deliveredSeq: newest } },
    marksDue: before.marksDue || (hasOthers && isAccepted),
    unread: withoutRead(before, entries, self).unread + added.length,
    countedSeq: Math.max(before.countedSeq, newest),
  }
}

/** The reading state without those of `entries` that were counted and turn out to be nothing unread. */
export function withoutRead(
  reading: Reading,
  entries: readonly LogEntry[],
  self: AccountId,
): Reading {
  const read = entries.filter(
    (entry) => entry.sender !== self && wasCounted(reading, entry, self) && !isUnread(entry, self),
  )
  if (read.length === 0) return reading
  return { ...reading, unread: Math.max(0, reading.unread - read.length) }
}

/** Whether an entry beyond our read mark is something that the person hasn't read. */
export function isUnread(entry: LogEntry, self: AccountId): boolean {
  return entry.sender !== self && entry.kind !== 'advanced' && !entry.wasRead
}

/** The reading state of a log that matches the server's only up to `common`, without the later `entries`. */
export function cutReading(
  before: Reading,
  entries: readonly LogEntry[],
  { common, self }: { common: number; self: AccountId },
): Reading {
  const upTo = (seq: number) => Math.min(seq, common)
  const marks = Object.fromEntries(
    Object.entries(before.marks).map(([id, { deliveredSeq, readSeq }]) => [
      id,
      { deliveredSeq: upTo(deliveredSeq), readSeq: upTo(readSeq) },
    ]),
  )
  const { readSeq } = before.marks[self] ?? NO_MARKS
  const cut = entries.filter((entry) => wasCounted(before, entry, self) && isUnread(entry, self))
  const countedSeq = upTo(before.countedSeq)
  const most = Math.max(0, countedSeq - upTo(readSeq))
  const unread = Math.min(most, Math.max(0, before.unread - cut.length))
  return { ...before, marks, countedSeq, unread }
}

/** Whether the unread count covers the place of an entry. */
function wasCounted({ marks, countedSeq }: Reading, { seq }: LogEntry, self: AccountId): boolean {
  return seq > (marks[self] ?? NO_MARKS).readSeq && seq <= countedSeq
}
