import { randomUUID } from 'node:crypto'
import type { Message, TimelineView } from '@sotto/sdk'
import { AccountId } from '@sotto/wire'
import { expect, test } from 'vitest'
import { lastSeqOf, timelineRows } from '../src/features/timeline/timeline-rows.ts'

const noon = new Date(2026, 10, 22, 12).getTime()
const minute = 60_000

function message(seq: number, at: number, more: Partial<Message> = {}): Message {
  return {
    kind: 'message',
    id: `00000000-0000-4000-8000-${String(seq).padStart(12, '0')}` as Message['id'],
    seq,
    sender: '' as Message['sender'],
    mine: false,
    content: { type: 'text', text: 'text' },
    text: 'text',
    status: 'accepted',
    failure: null,
    at,
    deviceId: '' as Message['deviceId'],
    ...more,
  }
}

function rowsOf(items: TimelineView['items'], readSeq = 99) {
  const timeline = { items, readSeq, hasOlder: false, loadingOlder: false } as unknown
  return timelineRows(timeline as TimelineView, lastSeqOf(timeline as TimelineView))
}

const kindsOf = (rows: ReturnType<typeof timelineRows>) => rows.map(({ kind }) => kind)

test('messages from one person within a minute are grouped', () => {
  const rows = rowsOf([message(1, noon), message(2, noon + 20_000), message(3, noon + 2 * minute)])

  expect(rows.filter((row) => row.kind === 'message')).toMatchObject([
    { startsGroup: true, endsGroup: false },
    { startsGroup: false, endsGroup: true },
    { startsGroup: true, endsGroup: true },
  ])
})

test('messages from two people are never grouped', () => {
  const sender = AccountId.parse(randomUUID())
  const rows = rowsOf([message(1, noon), message(2, noon, { sender })])

  expect(rows.filter((row) => row.kind === 'message')).toMatchObject([
    { endsGroup: true },
    { startsGroup: true },
  ])
})

test('each day begins with its name', () => {
  const rows = rowsOf([message(1, noon), message(2, noon + 86_400_000)])

  expect(kindsOf(rows)).toEqual(['day', 'message', 'day', 'message'])
})

test('new messages start with a line, once', () => {
  const rows = rowsOf([message(1, noon), message(2, noon), message(3, noon)], 1)

  expect(kindsOf(rows)).toEqual(['day', 'message', 'unread', 'message', 'message'])
})

test('our messages are never new', () => {
  const rows = rowsOf([message(1, noon), message(2, noon, { mine: true })], 1)

  expect(kindsOf(rows)).not.toContain('unread')
})

test('messages that arrive while the conversation is open are not marked as new', () => {
  const opened = { items: [message(1, noon)], readSeq: 1 } as unknown as TimelineView
  const later = { ...opened, items: [message(1, noon), message(2, noon)] }

  expect(kindsOf(timelineRows(later, lastSeqOf(opened)))).not.toContain('unread')
})

test('a notice ends the group above it and keeps its place', () => {
  const rows = rowsOf([
    message(1, noon),
    { kind: 'gap', key: 'gap 1', count: 2, sender: AccountId.parse(randomUUID()), mine: false },
    message(2, noon),
  ])

  expect(kindsOf(rows)).toEqual(['day', 'message', 'notice', 'message'])
  expect(rows[1]).toMatchObject({ endsGroup: true })
})

test('consecutive unreadable messages form one line with a count', () => {
  const closed = (seq: number) =>
    ({ kind: 'unreadable', key: `${seq}`, seq, at: noon, mine: false, reason: 'key_lost' }) as const
  const rows = rowsOf([closed(1), closed(2), closed(3), message(4, noon)])

  expect(kindsOf(rows)).toEqual(['day', 'notice', 'message'])
  expect(rows[1]).toMatchObject({ count: 3 })
})
