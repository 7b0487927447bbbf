import { AccountId } from '@sotto/wire'
import { expect, test } from 'vitest'
import { LostMessages } from '../../src/conversations/lost-messages.ts'
import { Outbox } from '../../src/sending/outbox.ts'
import type { OpenedEntry, OutboxItem, UnreadableEntry } from '../../src/storage/records/log.ts'
import { conversation, conversationId, deviceId, entryOf, item, textOf } from './outbox-items.ts'

const other = AccountId.parse(crypto.randomUUID())

/** The item's state after these entries arrive. */
function leftAfter(one: OutboxItem, entries: OpenedEntry[]): readonly OutboxItem[] {
  const outbox = new Outbox([one], () => {})
  outbox.arrived(conversation, entries).stored()
  return outbox.of(conversationId)
}

test('a message that is in the log leaves the outbox', () => {
  const one = item('hello')
  expect(leftAfter(one, [entryOf(one)])).toEqual([])
})

test('a message stays if the log has something else under its id', () => {
  const one = item('hello')
  expect(leftAfter(one, [entryOf(one, { sender: other })])).toEqual([one])
  expect(leftAfter(one, [entryOf(one, { content: textOf('forged') })])).toEqual([one])
})

test('a message reported as accepted fails if it is not in the log, and keeps its text', () => {
  const one = item('hello', { seq: 4, at: 1 })
  expect(leftAfter(one, [entryOf(item('other'))])).toMatchObject([
    { state: 'failed', failure: 'untrusted_answer', content: textOf('hello') },
  ])
})

test('a lost message stays until the same message is back', () => {
  const entry = entryOf(item('hello'))
  const lost = new LostMessages([])
  lost.add(conversationId, 0, [{ entry, wasRead: true }]).stored()

  lost.returned(conversation.id, [{ ...entry, content: textOf('forged') }]).stored()
  lost.returned(conversation.id, [{ ...entry, sender: other }]).stored()
  expect(lost.of(conversationId)).toMatchObject([{ entry }])

  lost.returned(conversation.id, [entry]).stored()
  expect(lost.of(conversationId)).toEqual([])
})

test('a lost message is back even if a replay of it follows', () => {
  const entry = entryOf(item('hello'))
  const { seq, id, sender, at } = entry
  const replay = { kind: 'unreadable', seq: seq + 1, id, sender, deviceId, at } as const
  const lost = new LostMessages([])
  lost.add(conversationId, 0, [{ entry, wasRead: true }]).stored()

  const entries = [entry, { ...replay, reason: 'replayed', envelope: null } as const]
  lost.returned(conversation.id, entries).stored()

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
    sender: other,
    deviceId,
    reason,
    at: 0,
    envelope,
  }
  const lost = new LostMessages([])
  lost.add(conversationId, 0, [{ entry, wasRead: false }]).stored()

  const changed = { ...entry, envelope: { ...envelope, ciphertext: 'something else' } }
  lost.returned(conversation.id, [changed]).stored()
  expect(lost.of(conversationId)).toHaveLength(1)
  lost.returned(conversation.id, [entry]).stored()
  expect(lost.of(conversationId)).toEqual([])
})
