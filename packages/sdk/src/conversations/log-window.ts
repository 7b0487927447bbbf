import type { LogWindow } from '../storage/records/conversations.ts'
import type { LogEntry, UnreadableEntry } from '../storage/records/log.ts'

/** The part of a conversation's log that this device has. */

export const NO_WINDOW: LogWindow = { first: 0, newest: 0, lastSeq: 0, unopened: [] }

const MAX_UNOPENED = 500

/** The window after `entries`, which continue the known part without gaps. */
export function grownBy(window: LogWindow, entries: readonly LogEntry[]): LogWindow {
  const newest = entries.at(-1)?.seq ?? window.newest
  return {
    first: window.first || (entries[0]?.seq ?? 0),
    newest,
    lastSeq: Math.max(window.lastSeq, newest),
    unopened: withUnopened(window.unopened, entries),
  }
}

/** Entries that may open once more is known; only the newest if there are very many. */
export function withUnopened(known: readonly number[], entries: readonly LogEntry[]): number[] {
  const closed = entries.filter((entry) => entry.kind === 'unreadable' && mayOpenLater(entry))
  const opened = new Set(entries.map(({ seq }) => seq))
  const seqs = [...known.filter((seq) => !opened.has(seq)), ...closed.map(({ seq }) => seq)]
  return seqs.sort((a, b) => a - b).slice(-MAX_UNOPENED)
}

function mayOpenLater({ reason, envelope }: UnreadableEntry): boolean {
  return envelope !== null && reason !== 'misplaced' && reason !== 'replayed'
}

/** The window of a log that matches the server's only up to `common`, where the server's goes to `lastSeq`. */
export function cutAt(window: LogWindow, common: number, lastSeq: number): LogWindow {
  const isEmpty = common < window.first || window.newest === 0
  return {
    first: isEmpty ? 0 : window.first,
    newest: isEmpty ? 0 : Math.min(window.newest, common),
    lastSeq,
    unopened: window.unopened.filter((seq) => seq <= common),
  }
}
