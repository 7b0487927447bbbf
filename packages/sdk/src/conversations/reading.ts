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
 * The reading state after the server's answer. Its unread count is used if it knows more: for a conversation that is
 * new here, or one that was read on another device. Otherwise messages are counted as they arrive.
 */
export function afterTold(
  before: Reading,
  { participants, unread, lastSeq }: Conversation,
  self: AccountId,
): Reading {
  const own = before.marks[self] ?? NO_MARKS
  const told = participants.find(({ accountId }) => accountId === self)
  const readSeq = told?.readSeq ?? 0
  const isNew = before.countedSeq === 0 && readSeq >= own.readSeq
  const isReadElsewhere = readSeq > own.readSeq && lastSeq >= before.countedSeq
  const marks = { ...before.marks }
  for (const participant of participants) {
    marks[participant.accountId] = higherMarks(
      before.marks[participant.accountId] ?? NO_MARKS,
      participant,
    )
  }
  return { ...before, marks, ...((isNew || isReadElsewhere) && { unread, countedSeq: lastSeq }) }
}

/** The reading state after `entries` up to `newest` have arrived. Marks are due to people who were accepted. */
export function afterArrival(
  before: Reading,
  entries: readonly LogEntry[],
  { self, newest, isAccepted }: { self: AccountId; newest: number; isAccepted: boolean },
): Reading {
  const own = before.marks[self] ?? NO_MARKS
  const countFrom = Math.max(own.readSeq, before.countedSeq)
  const uncounted = entries.filter(({ sender, seq }) => sender !== self && seq > countFrom)
  const hasOthers = entries.some(({ sender }) => sender !== self)
  return {
    marks: { ...before.marks, [self]: { ...own, deliveredSeq: newest } },
    marksDue: before.marksDue || (hasOthers && isAccepted),
    unread: before.unread + uncounted.length,
    countedSeq: Math.max(before.countedSeq, newest),
  }
}

/** The reading state of a log that matches the server's only up to `common`. */
export function cutReading(before: Reading, common: number, self: AccountId): Reading {
  const upTo = (seq: number) => Math.min(seq, common)
  const marks = Object.fromEntries(
    Object.entries(before.marks).map(([id, { deliveredSeq, readSeq }]) => [
      id,
      { deliveredSeq: upTo(deliveredSeq), readSeq: upTo(readSeq) },
    ]),
  )
  const countedSeq = upTo(before.countedSeq)
  const readSeq = upTo((before.marks[self] ?? NO_MARKS).readSeq)
  const unread = Math.min(before.unread, Math.max(0, countedSeq - readSeq))
  return { ...before, marks, countedSeq, unread }
}
