import { expect, test } from 'vitest'
import { ClientError } from '../../src/api/errors.ts'
import { createMemoryStorage } from '../../src/storage/adapters/memory-storage.ts'
import { createOwnedStorage } from '../../src/storage/owned-storage.ts'
import type { Storage } from '../../src/storage/storage.ts'

const change = { put: 'account', key: 'a', value: 1 } as const

/** A storage whose writes fail while `reason` is set. */
function failing() {
  const memory = createMemoryStorage()
  const state: { reason: unknown } = { reason: null }
  const storage: Storage = {
    ...memory,
    write: async (changes) => {
      if (state.reason) throw state.reason
      await memory.write(changes)
    },
  }
  const told: unknown[] = []
  const owned = createOwnedStorage(storage, (problem) => told.push(problem))
  return { owned, told, state }
}

test('a failed write is reported, and so is the next one that succeeds', async () => {
  const { owned, told, state } = failing()
  state.reason = new ClientError('storage_full')
  await expect(owned.write([change])).rejects.toMatchObject({ code: 'storage_full' })
  expect(await owned.get('account', 'a')).toBeUndefined()
  state.reason = null
  await owned.write([change])
  expect(told).toEqual(['storage_full', null])
})

test('any error from an adapter becomes a storage problem with its cause', async () => {
  const { owned, told, state } = failing()
  state.reason = new DOMException('the connection is closing', 'InvalidStateError')
  await expect(owned.write([change])).rejects.toMatchObject({
    code: 'storage_failed',
    cause: state.reason,
  })
  expect(told).toEqual(['storage_failed'])
})

test('a storage that is lost for good is reported without a request', async () => {
  const told: unknown[] = []
  const whenLost = Promise.resolve(new ClientError('storage_cleared'))
  createOwnedStorage({ ...createMemoryStorage(), whenLost }, (problem) => told.push(problem))
  await whenLost
  expect(told).toEqual(['storage_cleared'])
})

test('a closed client writes nothing and reports nothing', async () => {
  const { owned, told } = failing()
  await owned.close()
  await expect(owned.write([change])).rejects.toThrow('this client is closed')
  expect(told).toEqual([])
})
