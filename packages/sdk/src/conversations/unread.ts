import type { LogEntry } from '../storage/records/log.ts'
import type { Store } from '../storage/store.ts'
import { type ConversationRecord, ownMarks } from './conversation-record.ts'
import { readEntries } from './log.ts'
import { isUnread } from './reading.ts'

const MAX_UNREAD = 100

/**
 * The number of unread messages, counted in the log on this device if it goes back to our read mark; never more than
 * before. `older` are entries that this step adds at the beginning of the log.
 */
export async function countUnread(
  storage: Store,
  { id, self, window, reading }: ConversationRecord,
  older: readonly LogEntry[] = [],
): Promise<number> {
  const { readSeq } = ownMarks({ reading, self })
  const most = Math.min(reading.unread, Math.max(0, reading.countedSeq - readSeq))
  if (most === 0 || window.first > readSeq + 1) return most
  const upTo = readSeq + 2 * MAX_UNREAD
  const from = Math.max(readSeq, older.at(-1)?.seq ?? 0) + 1
  const stored = await readEntries(storage, id, from, Math.min(window.newest, upTo))
  const here = [...older, ...stored].filter((entry) => entry.seq > readSeq && isUnread(entry, self))
  // Counted by the server, and not here yet.
  const missing = Math.max(0, reading.countedSeq - window.newest)
  return Math.min(most, here.length + missing)
}
