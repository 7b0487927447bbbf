import { beforeEach, describe, expect, test } from 'vitest'
import type { ConversationRecord } from '../../src/conversations/conversation-record.ts'
import { NO_WINDOW } from '../../src/conversations/log-window.ts'
import { NOTHING_READ } from '../../src/conversations/reading.ts'
import { failMessage, sendMessage } from '../../src/sending/send.ts'
import { put } from '../../src/storage/record-kind.ts'
import { entryAt, type LogEntry, seenMessageAt } from '../../src/storage/records/log.ts'
import { ComparedConversation } from './compared-conversation.ts'

let one: ComparedConversation

beforeEach(async () => {
  one = await ComparedConversation.open()
})

test('nothing happens to a conversation that is not set aside', async () => {
  const before = one.here
  one.restore()
  await one.windBack(undefined)
  expect(one.here).toBe(before)
  expect(one.cuts).toEqual([])
})

test('own messages are sealed as they were, those of others are kept, and the log forgets both', async () => {
  const mine = await one.exchange(one.alice)
  const theirs = await one.exchange(one.bob)
  const entries = await one.alice.log(one.people.id)
  one.restore()
  await one.compare()

  expect(one.waiting).toMatchObject([
    { envelope: { id: mine }, counter: 1, skipped: [], wasAccepted: true, state: 'waiting' },
  ])
  expect(one.lost).toEqual([theirs])
  expect(one.here).toMatchObject({
    window: { first: 1, newest: 1, lastSeq: 1 },
    counters: { next: 2 },
  })
  expect(one.here.membership.aside).toBeUndefined()
  expect(one.cuts).toEqual([[one.people.id, 1]])
  const { storage } = one.alice.context
  const inLog = entries.map(({ seq }) => storage.load(entryAt(one.people.id, seq)))
  expect((await Promise.all(inLog)).map((entry) => entry?.seq)).toEqual([1, undefined, undefined])
  const seen = entries.map(({ id }) => storage.load(seenMessageAt(one.people.id, id)))
  expect(await Promise.all(seen)).toEqual([1, undefined, undefined])
})

test('a message that waits here is sent before a later one that the server has lost', async () => {
  const first = await one.alice.write(one.people.id, 'accepted without a verdict')
  const second = await one.exchange(one.alice)
  one.restore()
  await one.compare()
  expect(one.waiting.map(({ envelope }) => envelope.id)).toEqual([first, second])
  expect(one.waiting.map(({ counter }) => counter)).toEqual([1, 2])
})

test('messages that are not for the pinned key are not sent again', async () => {
  const mine = await one.exchange(one.alice)
  await one.people.bob.person.renewKeys({ isSigned: false })
  await one.alice.parts.contacts.fetch(one.bob.accountId)
  one.restore()
  await one.compare()
  expect(one.waiting).toEqual([])
  expect(one.lost).toEqual([mine])
})

test('a message that only names this device as its sender is kept, and not sent again', async () => {
  const mine = await one.exchange(one.alice)
  const entry = (await one.alice.log(one.people.id)).at(-1) as LogEntry
  await one.alice.context.storage.write([
    put(entryAt(one.people.id, entry.seq), { ...entry, isForeign: true } as LogEntry),
  ])
  one.restore()
  await one.compare()
  expect(one.waiting).toEqual([])
  expect(one.lost).toEqual([mine])
})

test('envelopes that never opened are kept, those that never will are not', async () => {
  const [closed, replayed] = [await one.exchange(one.bob), await one.exchange(one.bob)]
  const envelope = one.people.server.log(one.people.id)[1] ?? null
  const entries = await one.alice.log(one.people.id)
  const asUnreadable = (entry: LogEntry | undefined, kept: typeof envelope) => {
    const { seq, id, sender, deviceId, at } = entry as LogEntry
    const reason = kept ? ('cannot_decrypt' as const) : ('replayed' as const)
    return { kind: 'unreadable' as const, seq, id, sender, deviceId, at, reason, envelope: kept }
  }
  await one.alice.context.storage.write([
    put(entryAt(one.people.id, 2), asUnreadable(entries[1], envelope)),
    put(entryAt(one.people.id, 3), asUnreadable(entries[2], null)),
  ])
  one.restore()
  await one.compare()
  expect(one.lost).toEqual([closed])
  expect(one.lost).not.toContain(replayed)
})

test('a lost message was read if the mark reached it, or if it had been lost before', async () => {
  for (let n = 0; n < 3; n += 1) await one.exchange(one.bob)
  const last = (await one.alice.log(one.people.id)).at(-1) as LogEntry
  await one.alice.context.storage.write([
    put(entryAt(one.people.id, last.seq), { ...last, wasRead: true } as LogEntry),
  ])
  const { reading, self } = one.here
  await one.change({ reading: { ...reading, marks: { [self]: { deliveredSeq: 4, readSeq: 2 } } } })
  one.restore()
  await one.compare()
  const wasRead = one.alice.parts.lost.of(one.people.id).map((one) => one.wasRead)
  expect(wasRead).toEqual([true, false, true])
})

test('marks, notices and the shown part are reduced, and marks are sent again', async () => {
  await one.exchange(one.bob)
  const { reading, summary, self } = one.here
  const keyChange = { afterSeq: 2, at: 5 } as ConversationRecord['keyChanges'][number]
  await one.change({
    reading: { ...reading, marksDue: false, marks: { [self]: { deliveredSeq: 2, readSeq: 2 } } },
    summary: { ...summary, lastShownSeq: 2 },
    keyChanges: [{ ...keyChange, afterSeq: 0 }, keyChange],
  })
  one.restore()
  await one.compare()
  expect(one.here.reading).toMatchObject({ marksDue: true, marks: { [self]: { readSeq: 1 } } })
  expect(one.here.summary.lastShownSeq).toBe(1)
  expect(one.here.keyChanges).toEqual([
    { ...keyChange, afterSeq: 0 },
    { ...keyChange, afterSeq: 1 },
  ])
})

test('no marks are due for an empty log', async () => {
  await one.change({ window: NO_WINDOW, reading: NOTHING_READ })
  await one.compare()
  expect(one.here.reading.marksDue).toBe(false)
})

test('a former key is not valid beyond the end of the remaining log', async () => {
  await one.exchange(one.bob)
  const former = (end: number) => [
    {
      identityKey: 'a former key',
      replacedAt: 1,
      ends: [{ conversation: one.people.id, seq: end }],
    },
  ]
  const formerKeys = former(2) as never
  await one.alice.parts.contacts.update(one.bob.accountId, { formerKeys, kept: true, dirty: false })
  one.restore()
  await one.compare()
  const contact = one.alice.parts.contacts.get(one.bob.accountId)
  expect(contact).toMatchObject({ formerKeys: former(1), dirty: true })

  // Nothing is left to change.
  await one.alice.parts.contacts.update(one.bob.accountId, { dirty: false })
  await one.compare()
  expect(one.alice.parts.contacts.get(one.bob.accountId)?.dirty).toBe(false)
})

describe('on a device that was enrolled again', () => {
  test('a message that waits is sealed before a later one that the server has lost', async () => {
    const first = await one.alice.write(one.people.id, 'accepted without a verdict')
    const second = await one.exchange(one.alice)
    one.alice = await one.alice.restart({ enrolled: await one.people.alice.person.enroll() })
    one.restore()
    await one.compare()
    expect(one.waiting.map(({ envelope }) => envelope.id)).toEqual([first, second])
    expect(one.waiting.map(({ counter }) => counter)).toEqual([1, 2])
  })

  test('a message that was accepted stays one that had been, even if the log here never reached it', async () => {
    const id = await one.alice.write(one.people.id, 'hello')
    await one.alice.receive.accepted(one.people.id, { id, seq: 9, acceptedAt: 9 })
    expect(one.waiting).toMatchObject([{ accepted: { seq: 9 } }])
    for (let times = 0; times < 2; times += 1) {
      one.alice = await one.alice.restart({ enrolled: await one.people.alice.person.enroll() })
      one.restore()
      await one.compare()
      expect(one.waiting).toMatchObject([{ wasAccepted: true, accepted: null }])
    }
  })

  test('messages and what waits take new counters in the order of writing, and the unused are skipped', async () => {
    const first = await one.exchange(one.alice)
    const second = await one.alice.write(one.people.id, 'waits')
    const failing = await one.alice.write(one.people.id, 'fails')
    for (const item of one.waiting.filter(({ envelope }) => envelope.id === failing)) {
      await failMessage(one.alice.writing, item, 'quota_exceeded')
    }
    const enrolled = await one.people.alice.person.enroll()
    one.alice = await one.alice.restart({ enrolled })
    const third = await sendMessage(one.alice.writing, one.people.id, { type: 'text', text: 'new' })
    one.restore()
    await one.compare()

    const ofThisDevice = one.waiting.filter(({ deviceId }) => deviceId === enrolled.deviceId)
    expect(ofThisDevice.map(({ envelope }) => envelope.id)).toEqual([first, second, third])
    // The third one had the first counter of this enrollment.
    expect(ofThisDevice.map(({ counter }) => counter)).toEqual([2, 3, 4])
    expect(ofThisDevice.map(({ skipped }) => skipped)).toEqual([[1], [], []])
    expect(ofThisDevice.map((one) => one.wasAccepted)).toEqual([true, undefined, undefined])
    const failed = one.waiting.filter(({ state }) => state === 'failed')
    expect(failed.map(({ envelope }) => envelope.id)).toEqual([failing])
    expect(failed.map(({ deviceId }) => deviceId)).not.toContain(enrolled.deviceId)
  })
})
