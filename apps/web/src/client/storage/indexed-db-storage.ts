import type { Collection, KeyRange, Storage, StoredEntry } from '@sotto/sdk'
import { LivingDatabase } from './living-database.ts'
import { type Database, openDatabase } from './open-database.ts'

/**
 * Stores a device's data in IndexedDB, which holds private keys without exposing them. Throws `ClientError` with a
 * `StorageProblem` if it can't.
 */
export async function openIndexedDbStorage(): Promise<Storage> {
  const living = new LivingDatabase(await openDatabase({ mayCreate: true }))
  return {
    keepsPrivateKeys: true,
    get: (collection, key) => living.read((database) => database.get(collection, key)),
    getMany: (collection, keys) => living.read((database) => getMany(database, collection, keys)),
    range: (collection, range) => living.read((database) => readRange(database, collection, range)),
    write: (changes) => living.write(changes),
    erase: () => living.erase(),
    whenLost: living.whenLost,
    close: async () => living.close(),
  }
}

async function getMany(
  database: Database,
  collection: Collection,
  keys: readonly string[],
): Promise<unknown[]> {
  const store = database.transaction(collection).store
  return Promise.all(keys.map((key) => store.get(key)))
}

async function readRange(
  database: Database,
  collection: Collection,
  { from, below, descending = false, limit }: KeyRange,
): Promise<StoredEntry[]> {
  const store = database.transaction(collection).store
  const bounds = boundsOf(from, below)
  if (!descending) {
    const [keys, values] = await Promise.all([
      store.getAllKeys(bounds, limit),
      store.getAll(bounds, limit),
    ])
    return keys.map((key, index) => ({ key, value: values[index] }))
  }
  const entries: StoredEntry[] = []
  let cursor = await store.openCursor(bounds, 'prev')
  while (cursor && entries.length < (limit ?? Number.POSITIVE_INFINITY)) {
    entries.push({ key: cursor.key, value: cursor.value })
    cursor = await cursor.continue()
  }
  return entries
}

function boundsOf(from: string | undefined, below: string | undefined): IDBKeyRange | null {
  if (from !== undefined && below !== undefined) {
    return IDBKeyRange.bound(from, below, false, true)
  }
  if (from !== undefined) return IDBKeyRange.lowerBound(from)
  return below === undefined ? null : IDBKeyRange.upperBound(below, true)
}
