import type { Summary } from '../storage/records/conversations.ts'
import type { LogEntry } from '../storage/records/log.ts'

/** The preview line in the conversation list. */

export const noSummary = (updatedAt: number): Summary => ({
  last: null,
  lastShownSeq: 0,
  updatedAt,
})

/** The summary after `entries` were stored; a message further up in the log isn't the last one. */
export function summarize(before: Summary, entries: readonly LogEntry[]): Summary {
  const shown = entries.findLast((entry) => entry.kind === 'message')
  const isLast = shown !== undefined && shown.seq > before.lastShownSeq
  return {
    ...before,
    ...(isLast && {
      last: { content: shown.content, sender: shown.sender, at: shown.at },
      lastShownSeq: shown.seq,
    }),
    updatedAt: Math.max(before.updatedAt, entries.at(-1)?.at ?? 0),
  }
}
