import type { Message, TimelineNotice, TimelineView } from '@sotto/sdk'
import { isSameDay } from '../../ui/text/moments.ts'

export type TimelineRow =
  | { kind: 'day'; key: string; at: number }
  | { kind: 'unread'; key: string }
  /** `count` identical notices in a row form one line. */
  | { kind: 'notice'; key: string; notice: TimelineNotice; count: number }
  | { kind: 'message'; key: string; message: Message; startsGroup: boolean; endsGroup: boolean }

/** Messages from one person within this time are grouped. */
const GROUP_MS = 60_000

/**
 * A timeline's lines: its items with dividers in between, and messages in groups. Anything after `openedAtSeq`, the
 * last seq when the conversation was opened, arrived in front of the person.
 */
export function timelineRows(
  { items, readSeq }: TimelineView,
  openedAtSeq: number,
): readonly TimelineRow[] {
  const rows: TimelineRow[] = []
  let day: number | null = null
  let isUnreadShown = false

  for (const [index, item] of items.entries()) {
    const at = 'at' in item ? item.at : null
    if (at !== null && (day === null || !isSameDay(day, at))) {
      rows.push({ kind: 'day', key: `day ${new Date(at).toDateString()} ${keyOf(item)}`, at })
      day = at
    }
    if (!isUnreadShown && isUnread(item, readSeq, openedAtSeq)) {
      // Above the very first message it would divide nothing.
      if (index > 0) rows.push({ kind: 'unread', key: 'unread' })
      isUnreadShown = true
    }
    if (!joinsLast(rows, item)) rows.push(rowOf(item, items[index - 1], items[index + 1]))
  }
  return rows
}

type Item = TimelineView['items'][number]

function rowOf(item: Item, before: Item | undefined, after: Item | undefined): TimelineRow {
  if (item.kind !== 'message') return { kind: 'notice', key: item.key, notice: item, count: 1 }
  return {
    kind: 'message',
    key: keyOf(item, before),
    message: item,
    startsGroup: !belongTogether(before, item),
    endsGroup: !belongTogether(item, after),
  }
}

/** Adds an unreadable message to the line above if that line says the same. */
function joinsLast(rows: TimelineRow[], item: Item): boolean {
  const last = rows.at(-1)
  if (item.kind !== 'unreadable' || last?.kind !== 'notice') return false
  const { notice } = last
  if (notice.kind !== 'unreadable' || notice.reason !== item.reason) return false
  rows[rows.length - 1] = { ...last, count: last.count + 1 }
  return true
}

function belongTogether(first: Item | undefined, second: Item | undefined): boolean {
  if (first?.kind !== 'message' || second?.kind !== 'message') return false
  return (
    first.sender === second.sender &&
    second.at - first.at < GROUP_MS &&
    isSameDay(first.at, second.at) &&
    first.status !== 'failed'
  )
}

const isUnread = (item: Item, readSeq: number, openedAtSeq: number): boolean =>
  item.kind === 'message' &&
  !item.mine &&
  item.seq !== null &&
  item.seq > readSeq &&
  item.seq <= openedAtSeq

/** The last seq in the log that a timeline shows. */
export function lastSeqOf({ items }: TimelineView): number {
  const last = items.findLast((item) => item.kind === 'message' && item.seq !== null)
  return last?.kind === 'message' ? (last.seq ?? 0) : 0
}

/** A message keeps its key when it's accepted. A message forged by another device can have the same id. */
function keyOf(item: Item, before?: Item): string {
  if (item.kind !== 'message') return item.key
  return before?.kind === 'not_written_here' ? `${before.key} ${item.id}` : item.id
}
