import { AccountId, ConversationId, DeviceId, EnvelopeId } from '@sotto/wire'
import { expect, test } from 'vitest'
import { NO_COUNTERS } from '../../src/conversations/counters.ts'
import { withMarks } from '../../src/conversations/reading.ts'
import type {
  LogEntry,
  OpenedEntry,
  OutboxItem,
  UnreadableEntry,
} from '../../src/storage/records/log.ts'
import { timelineItems } from '../../src/views/timeline-items.ts'
import { conversationOf } from '../storage/memory-store.ts'

const [me, other] = [AccountId.parse(crypto.randomUUID()), AccountId.parse(crypto.randomUUID())]
const conversation = conversationOf({
  id: ConversationId.parse(crypto.randomUUID()),
  self: me,
  others: { [other]: 'accepted' },
})
const textOf = (body: string) => ({ type: 'text', body })
const laptop = DeviceId.parse(crypto.randomUUID())
const phone = DeviceId.parse(crypto.randomUUID())

function opened(seq: number, counter: number, more: Partial<OpenedEntry> = {}): OpenedEntry {
  return {
    kind: 'message',
    seq,
    id: EnvelopeId.parse(crypto.randomUUID()),
    sender: other,
    deviceId: laptop,
    counter,
    skipped: [],
    content: textOf(`${counter}`),
    at: 0,
    writtenTo: {},
    ...more,
  }
}

function unreadable(seq: number, reason: UnreadableEntry['reason']): UnreadableEntry {
  const id = EnvelopeId.parse(crypto.randomUUID())
  const at = 0
  return {
    kind: 'unreadable',
    seq,
    id,
    sender: other,
    deviceId: laptop,
    reason,
    at,
    envelope: null,
  }
}

/** Messages by text, notices by kind, gaps with their size. */
function shown(entries: LogEntry[]): string[] {
  return timelineItems({ conversation, entries, lost: [], outbox: [] }).map((item) => {
    if (item.kind === 'message') return item.text
    return item.kind === 'gap' ? `gap of ${item.count}` : item.kind
  })
}

test('counters without gaps show only messages, for each device separately', () => {
  const entries = [
    opened(1, 1),
    opened(2, 1, { deviceId: phone }),
    opened(3, 2),
    opened(4, 2, { deviceId: phone }),
  ]
  expect(shown(entries)).toEqual(['1', '1', '2', '2'])
})

test('a missing counter is a gap between its neighbors', () => {
  expect(shown([opened(1, 1), opened(2, 4), opened(3, 5)])).toEqual(['1', 'gap of 2', '4', '5'])
})

test('a complete log starts with counter 1', () => {
  expect(shown([opened(1, 3)])).toEqual(['gap of 2', '3'])
})

test('in a partial log only neighbors are compared', () => {
  expect(shown([opened(70, 33), opened(71, 34)])).toEqual(['33', '34'])
})

test('counters that their sender skipped are not missing', () => {
  expect(shown([opened(1, 1), opened(2, 4, { skipped: [2, 3] })])).toEqual(['1', '4'])
})

test('a message that follows a later one is out of order, and not missing', () => {
  expect(shown([opened(1, 1), opened(2, 3), opened(3, 2)])).toEqual(['1', '3', 'out_of_order', '2'])
})

test('an unreadable envelope accounts for an apparently missing counter', () => {
  const entries = [opened(1, 1), unreadable(2, 'cannot_decrypt'), opened(3, 3)]
  expect(shown(entries)).toEqual(['1', 'unreadable', '3'])
})

test('a replay does not account for a missing counter', () => {
  const entries = [opened(1, 1), unreadable(2, 'replayed'), opened(3, 3)]
  expect(shown(entries)).toEqual(['1', 'unreadable', 'gap of 1', '3'])
})

test('a key change appears where it was noticed', () => {
  const changed = {
    ...conversation,
    keyChanges: [{ accountId: other, afterSeq: 1, at: 5, replaced: 'key 1' }],
  }
  const entries = [opened(1, 1), opened(2, 2)]
  const kinds = timelineItems({ conversation: changed, entries, lost: [], outbox: [] }).map(
    ({ kind }) => kind,
  )
  expect(kinds).toEqual(['message', 'key_changed', 'message'])
})

test('our messages show how far the other side has read', () => {
  const marks = { deliveredSeq: 2, readSeq: 1 }
  const reading = withMarks(conversation.reading, other, marks)
  const entries = [1, 2, 3].map((n) => opened(n, n, { sender: me }))
  const items = timelineItems({
    conversation: { ...conversation, reading },
    entries,
    lost: [],
    outbox: [],
  })
  expect(items).toMatchObject([{ status: 'read' }, { status: 'delivered' }, { status: 'accepted' }])
})

test('devices of two people are counted separately, even with the same id', () => {
  const entries = [
    opened(1, 1, { sender: me }),
    opened(2, 1),
    opened(3, 7),
    opened(4, 2, { sender: me }),
  ]
  const items = timelineItems({ conversation, entries, lost: [], outbox: [] })
  expect(items.map(({ kind }) => kind)).toEqual(['message', 'message', 'gap', 'message', 'message'])
})

test('a message that names this device but was not written here is marked', () => {
  const entries = [opened(1, 1, { sender: me }), opened(2, 2, { sender: me, isForeign: true })]
  expect(shown(entries)).toEqual(['1', 'not_written_here', '2'])
  const largest = opened(2, Number.MAX_SAFE_INTEGER, { sender: me, isForeign: true })
  const after = [opened(1, 1, { sender: me }), largest, opened(3, 2, { sender: me })]
  expect(shown(after)).toEqual(['1', 'not_written_here', `${Number.MAX_SAFE_INTEGER}`, '2'])
})

test('a message shown as lost is not counted as missing', () => {
  const lost = [1, 2].map((counter) => ({
    conversationId: conversation.id,
    place: counter,
    afterSeq: 0,
    entry: opened(counter, counter),
    wasRead: true,
  }))
  const items = timelineItems({ conversation, entries: [opened(1, 3)], lost, outbox: [] })
  expect(items.map(({ kind }) => kind)).toEqual(['message', 'message', 'message'])
})

/** One of our messages that the server has refused for good. */
function failed(counter: number, deviceId: DeviceId): OutboxItem {
  const id = EnvelopeId.parse(crypto.randomUUID())
  return {
    envelope: { id, conversationId: conversation.id, kind: 'message', ciphertext: 'sealed' },
    counter,
    skipped: [],
    deviceId,
    writtenTo: {},
    content: textOf(`${counter}`),
    writtenAt: 0,
    state: 'failed',
    failure: 'conversation_closed',
    accepted: null,
  }
}

const own = (seq: number, counter: number) => opened(seq, counter, { sender: me })

test('a failed message is not missing on the device that wrote it', () => {
  const outbox = [failed(2, laptop)]
  const items = timelineItems({ conversation, entries: [own(1, 1), own(2, 3)], lost: [], outbox })
  expect(items.map((item) => (item.kind === 'message' ? item.text : item.kind))).toEqual([
    '1',
    '3',
    '2',
  ])
})

test('counters that this device skipped but has not reported yet are not missing here', () => {
  const here = { ...conversation, counters: { ...NO_COUNTERS, deviceId: laptop, skipped: [2, 3] } }
  const entries = [own(1, 1), own(2, 4)]
  const kinds = timelineItems({ conversation: here, entries, lost: [], outbox: [] }).map(
    ({ kind }) => kind,
  )
  expect(kinds).toEqual(['message', 'message'])
})

test("unsent messages of this device do not fill other devices' gaps", () => {
  const here = { ...conversation, counters: { ...NO_COUNTERS, deviceId: phone, skipped: [2] } }
  const outbox = [failed(3, phone)]
  const gaps = (entries: LogEntry[]) =>
    timelineItems({ conversation: here, entries, lost: [], outbox }).flatMap((item) =>
      item.kind === 'gap' ? [item.count] : [],
    )
  expect(gaps([own(1, 1), own(2, 4)])).toEqual([2])
  expect(gaps([opened(1, 1, { deviceId: phone }), opened(2, 4, { deviceId: phone })])).toEqual([2])
})
