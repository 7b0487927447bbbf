import { ConversationId, DeviceId, EnvelopeId } from '@sotto/wire'
import { expect, test } from 'vitest'
import { LostMessages } from '../src/conversations/lost-messages.ts'
import { Outbox } from '../src/sending/outbox.ts'
import type { OpenedEntry, OutboxItem, UnreadableEntry } from '../src/storage/stored.ts'

const conversationId = ConversationId.parse(crypto.randomUUID())
const deviceId = DeviceId.parse(crypto.randomUUID())
const wholeLog = { first: 1, newest: 9 }

function item(text: string, accepted: OutboxItem['accepted'] = null): OutboxItem {
  return {
    envelope: {
      id: EnvelopeId.parse(crypto.randomUUID()),
      conversationId,
      kind: 'message',
      ciphertext: 'sealed',
    },
    counter: 1,
    skipped: [],
    deviceId,
    writtenTo: {},
    text,
    writtenAt: 0,
    state: 'waiting',
    failure: null,
    accepted,
  }
}

/** The entry that the log has for an item, or something else under its id. */
function entryOf({ envelope }: OutboxItem, more: Partial<OpenedEntry> = {}): OpenedEntry {
  return {
    kind: 'message',
    seq: 3,
    id: envelope.id,
    mine: true,
    deviceId,
    counter: 1,
    skipped: [],
    text: 'hello',
    at: 0,
    writtenTo: {},
    ...more,
  }
}

/** The state of one item after these entries arrive. */
function leftAfter(one: OutboxItem, entries: OpenedEntry[]): readonly OutboxItem[] {
  const outbox = new Outbox([one], () => {})
  outbox.arrived(conversationId, entries, wholeLog).stored()
  return outbox.of(conversationId)
}

test('a message that is in the log leaves the outbox', () => {
  const one = item('hello')
  expect(leftAfter(one, [entryOf(one)])).toEqual([])
})

test('a message stays when the log has something else under its id', () => {
  const one = item('hello')
  expect(leftAfter(one, [entryOf(one, { mine: false })])).toEqual([one])
  expect(leftAfter(one, [entryOf(one, { text: 'forged' })])).toEqual([one])
})

test('a message that the server called accepted fails if it is not in the log, and keeps its text', () => {
  const one = item('hello', { seq: 4, at: 1 })
  expect(leftAfter(one, [entryOf(item('other'))])).toMatchObject([
    { state: 'failed', failure: 'untrusted_answer', text: 'hello' },
  ])
})

test('a lost message stays until the same message is back', () => {
  const entry = entryOf(item('hello'))
  const lost = new LostMessages([])
  lost.add(conversationId, 0, [{ entry, wasRead: true }]).stored()

  lost.returned(conversationId, [{ ...entry, text: 'forged' }]).stored()
  lost.returned(conversationId, [{ ...entry, mine: false }]).stored()
  expect(lost.of(conversationId)).toMatchObject([{ entry }])

  lost.returned(conversationId, [entry]).stored()
  expect(lost.of(conversationId)).toEqual([])
})

test('a lost message is back even if a replay of it follows', () => {
  const entry = entryOf(item('hello'))
  const { seq, id, mine, at } = entry
  const replay = { kind: 'unreadable', seq: seq + 1, id, mine, deviceId, at } as const
  const lost = new LostMessages([])
  lost.add(conversationId, 0, [{ entry, wasRead: true }]).stored()

  const entries = [entry, { ...replay, reason: 'replayed', envelope: null } as const]
  lost.returned(conversationId, entries).stored()

  expect(lost.of(conversationId)).toEqual([])
})

test('a lost envelope that does not open yet stays until it is back', () => {
  const { id } = entryOf(item('hello'))
  const envelope = {
    id,
    conversationId,
    kind: 'message' as const,
    ciphertext: 'sealed',
    seq: 3,
    senderAccountId: crypto.randomUUID() as never,
    senderDeviceId: deviceId,
    acceptedAt: 0,
  }
  const reason = 'cannot_decrypt'
  const entry: UnreadableEntry = {
    kind: 'unreadable',
    seq: 3,
    id,
    mine: false,
    deviceId,
    reason,
    at: 0,
    envelope,
  }
  const lost = new LostMessages([])
  lost.add(conversationId, 0, [{ entry, wasRead: false }]).stored()

  const other = { ...entry, envelope: { ...envelope, ciphertext: 'something else' } }
  lost.returned(conversationId, [other]).stored()
  expect(lost.of(conversationId)).toHaveLength(1)
  lost.returned(conversationId, [entry]).stored()
  expect(lost.of(conversationId)).toEqual([])
})
