import { AccountId, ConversationId, DeviceId, EnvelopeId } from '@sotto/wire'
import { expect, test } from 'vitest'
import { checkReplays, grown, readEntries, readLastEntries } from '../../src/conversations/log.ts'
import type { OpenedEntry } from '../../src/storage/records/log.ts'
import { conversationOf, createMemoryStore } from '../storage/memory-store.ts'

const textOf = (body: string) => ({ type: 'text', body })

const id = ConversationId.parse(crypto.randomUUID())
const [alice, bob] = [AccountId.parse(crypto.randomUUID()), AccountId.parse(crypto.randomUUID())]
const deviceId = DeviceId.parse(crypto.randomUUID())

function opened(seq: number, counter: number, message: string = crypto.randomUUID()): OpenedEntry {
  return {
    kind: 'message',
    seq,
    id: EnvelopeId.parse(message),
    sender: bob,
    deviceId,
    counter,
    skipped: [],
    content: textOf(`${counter}`),
    at: 0,
    writtenTo: {},
  }
}

/** Stores pages one after the other, and returns what the log then shows. */
async function logAfter(...pages: OpenedEntry[][]): Promise<string[]> {
  const storage = createMemoryStore()
  for (const page of pages) await storage.write((await checkReplays(storage, id, page)).changes)
  const entries = await readEntries(storage, id, 1, 100)
  return entries.map((entry) => {
    if (entry.kind === 'message') return entry.content.body
    return entry.kind === 'unreadable' ? entry.reason : entry.kind
  })
}

test('a repeated message id or counter is a replay', async () => {
  const first = opened(1, 1)
  expect(await logAfter([first, opened(2, 2, first.id)])).toEqual(['1', 'replayed'])
  expect(await logAfter([first, opened(2, 1)])).toEqual(['1', 'replayed'])
  expect(await logAfter([first], [opened(2, 1)])).toEqual(['1', 'replayed'])
})

test('the entry with the lower seq is the message, whichever was read first', async () => {
  const original = opened(1, 1)
  const replay = { ...original, seq: 50 }
  expect(await logAfter([replay], [original])).toEqual(['1', 'replayed'])
})

test('reading the same page again changes nothing', async () => {
  const page = [opened(1, 1), opened(2, 2)]
  expect(await logAfter(page, page)).toEqual(['1', '2'])
})

test('counters of different devices are different', async () => {
  const other = { ...opened(2, 1), deviceId: DeviceId.parse(crypto.randomUUID()) }
  expect(await logAfter([opened(1, 1), other])).toEqual(['1', '1'])
})

test("another account's device with the same id does not use up our device's counters", async () => {
  const foreign = opened(1, 1)
  const own = { ...opened(2, 1), sender: alice, content: textOf('own') }
  expect(await logAfter([foreign], [own])).toEqual(['1', 'own'])
})

test('a displayed message is not replaced by another one with its id', async () => {
  const shown = opened(50, 1)
  const sameCounter = { ...opened(1, 1), content: textOf('something else') }
  const sameId = { ...opened(2, 2, shown.id), content: textOf('something else') }
  expect(await logAfter([shown], [sameCounter, sameId])).toEqual(['replayed', 'replayed', '1'])
})

test('a counter in the log is spent, but the largest possible one leaves counters to write with', () => {
  const own = (counter: number) => ({ ...opened(1, counter), sender: alice })
  const conversation = conversationOf({ id, self: alice, others: { [bob]: 'accepted' } })
  const before = { ...conversation, counters: { ...conversation.counters, next: 4, deviceId } }
  const next = (counter: number) => grown(before, [own(counter)], deviceId).counters.next
  expect(next(4)).toBe(5)
  expect(next(900)).toBe(901)
  expect(next(Number.MAX_SAFE_INTEGER)).toBe(4)
  expect(next(2)).toBe(4)
})

test('the entries before a gap of any size are read in one step', async () => {
  const storage = createMemoryStore()
  const far = 1e11
  const { changes } = await checkReplays(storage, id, [opened(1, 1), opened(2, 2), opened(far, 3)])
  await storage.write(changes)
  const before = await readLastEntries(storage, id, 1, far - 1, 30)
  expect(before.map(({ seq }) => seq)).toEqual([1, 2])
})
