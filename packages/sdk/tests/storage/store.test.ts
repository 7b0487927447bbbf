import { expect, test } from 'vitest'
import { z } from 'zod'
import { createMemoryStorage } from '../../src/storage/adapters/memory-storage.ts'
import { openStore } from '../../src/storage/migrations/open-store.ts'
import { type Place, put, type RecordKind, remove } from '../../src/storage/record-kind.ts'
import { FORMAT } from '../../src/storage/records/account.ts'
import { startingWith } from '../../src/storage/storage.ts'
import { createStore } from '../../src/storage/store.ts'

const NOTES: RecordKind<{ text: string }> = {
  collection: 'drafts',
  version: 3,
  schema: z.strictObject({ text: z.string() }),
}
const noteAt = (key: string): Place<{ text: string }> => ({ kind: NOTES, key })

function openNotes() {
  const storage = createMemoryStorage()
  const damaged: string[] = []
  const store = createStore(storage, { onDamaged: (names) => damaged.push(...names) })
  const writeRaw = (key: string, value: unknown) => storage.write([{ put: 'drafts', key, value }])
  return { storage, store, damaged, writeRaw }
}

test('reads back records that it wrote, with the version of their kind', async () => {
  const { storage, store } = openNotes()
  await store.write([put(noteAt('a'), { text: 'hello' })])
  expect(await store.load(noteAt('a'))).toEqual({ text: 'hello' })
  expect(await storage.get('drafts', 'a')).toEqual({ v: 3, value: { text: 'hello' } })
  await store.write([remove(noteAt('a'))])
  expect(await store.load(noteAt('a'))).toBeUndefined()
})

test.each([
  ['another shape', { v: 3, value: { text: 7 } }],
  ['an extra member', { v: 3, value: { text: 'hello', more: true } }],
  ['an older version', { v: 2, value: { text: 'hello' } }],
  ['no version', { text: 'hello' }],
  ['no object', 'hello'],
])('sets aside a record with %s, unchanged', async (_, raw) => {
  const { storage, store, damaged, writeRaw } = openNotes()
  await writeRaw('a', raw)
  await store.write([put(noteAt('b'), { text: 'intact' })])

  expect(await store.load(noteAt('a'))).toBeUndefined()

  expect(damaged).toEqual(['drafts/a'])
  expect(await storage.get('damaged', 'drafts/a')).toEqual(raw)
  expect(await storage.get('drafts', 'a')).toBeUndefined()
  expect(await store.range(NOTES, startingWith(''))).toEqual([
    { key: 'b', value: { text: 'intact' } },
  ])
})

test('leaves a record of a newer version alone, and reports that the app is too old', async () => {
  const { storage, store, damaged, writeRaw } = openNotes()
  const newer = { v: 4, value: { words: ['hello'] } }
  await writeRaw('a', newer)
  await expect(store.load(noteAt('a'))).rejects.toMatchObject({ code: 'storage_newer' })
  await expect(store.range(NOTES, startingWith(''))).rejects.toMatchObject({
    code: 'storage_newer',
  })
  expect(await storage.get('drafts', 'a')).toEqual(newer)
  expect(damaged).toEqual([])
})

test('does not open the storage of a newer version, and leaves it unchanged', async () => {
  const storage = createMemoryStorage()
  await storage.write([put(FORMAT, 99), { put: 'log', key: 'old', value: 'format 1' }])
  const opened = openStore(storage, { onDamaged: () => {} })
  await expect(opened).rejects.toMatchObject({ code: 'storage_newer' })
  expect(await storage.get('log', 'old')).toBe('format 1')
})
