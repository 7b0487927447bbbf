import { ConversationId, DeviceId, EnvelopeId } from '@sotto/wire'
import { expect, test } from 'vitest'
import { checkReplays, readEntries } from '../src/log.ts'
import { createMemoryStorage } from '../src/memory-storage.ts'
import type { OpenedEntry } from '../src/stored.ts'

const id = ConversationId.parse(crypto.randomUUID())
const deviceId = DeviceId.parse(crypto.randomUUID())

function opened(seq: number, counter: number, message: string = crypto.randomUUID()): OpenedEntry {
  return {
    kind: 'message',
    seq,
    id: EnvelopeId.parse(message),
    mine: false,
    deviceId,
    counter,
    skipped: [],
    text: `${counter}`,
    at: 0,
  }
}

/** Stores what comes, one page after the other, and says what the log then shows. */
async function logAfter(...pages: OpenedEntry[][]): Promise<string[]> {
  const storage = createMemoryStorage()
  for (const page of pages) await storage.write((await checkReplays(storage, id, page)).changes)
  const entries = await readEntries(storage, id, 1, 100)
  return entries.map((entry) => (entry.kind === 'message' ? entry.text : entry.reason))
}

test('a message id or a counter that was there before is a replay', async () => {
  const first = opened(1, 1)
  expect(await logAfter([first, opened(2, 2, first.id)])).toEqual(['1', 'replayed'])
  expect(await logAfter([first, opened(2, 1)])).toEqual(['1', 'replayed'])
  expect(await logAfter([first], [opened(2, 1)])).toEqual(['1', 'replayed'])
})

test('of two the one with the lower seq counts, whichever was read first', async () => {
  const original = opened(1, 1)
  const replay = { ...original, seq: 50 }
  expect(await logAfter([replay], [original])).toEqual(['1', 'replayed'])
})

test('the same page again changes nothing', async () => {
  const page = [opened(1, 1), opened(2, 2)]
  expect(await logAfter(page, page)).toEqual(['1', '2'])
})

test('counters of different devices are different', async () => {
  const other = { ...opened(2, 1), deviceId: DeviceId.parse(crypto.randomUUID()) }
  expect(await logAfter([opened(1, 1), other])).toEqual(['1', '1'])
})

test('somebody else whose device has the same id takes no counter away from the own device', async () => {
  const theirs = opened(1, 1)
  const own = { ...opened(2, 1), mine: true, text: 'own' }
  expect(await logAfter([theirs], [own])).toEqual(['1', 'own'])
})
