import { expect, test } from 'vitest'
import { createUpdates } from '../../src/api/updates.ts'

const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 0))

test('a snapshot is the same object until its view changes', () => {
  const updates = createUpdates()
  updates.define('connection', { read: () => ({ state: 'online' }) })
  const before = updates.snapshot({ view: 'connection' })

  expect(updates.snapshot({ view: 'connection' })).toBe(before)
  updates.changed({ view: 'connection' })
  expect(updates.snapshot({ view: 'connection' })).not.toBe(before)
})

test('a subscriber is notified once for all changes of a turn, and not after it has unsubscribed', async () => {
  const updates = createUpdates()
  let told = 0
  const leave = updates.subscribe({ view: 'contacts' }, () => {
    told += 1
  })
  await turn()
  told = 0

  updates.changed({ view: 'contacts' })
  updates.changed({ view: 'contacts' })
  expect(told).toBe(0)
  await turn()
  expect(told).toBe(1)

  leave()
  updates.changed({ view: 'contacts' })
  await turn()
  expect(told).toBe(1)
})

test('a view is undefined until its source is defined', async () => {
  const updates = createUpdates()
  let told = 0
  updates.subscribe({ view: 'contacts' }, () => {
    told += 1
  })
  expect(updates.snapshot({ view: 'contacts' })).toBeUndefined()

  updates.define('contacts', { read: () => [] })
  await turn()
  expect(told).toBe(1)
  expect(updates.snapshot({ view: 'contacts' })).toEqual([])
})
