import {
  type Change,
  COLLECTIONS,
  type Collection,
  type KeyRange,
  type Storage,
  type StoredEntry,
} from '@sotto/sdk'
import { type DBSchema, type IDBPDatabase, openDB } from 'idb'

const NAME = 'sotto'
const VERSION = 1

type Schema = DBSchema & Record<Collection, { key: string; value: unknown }>

/** Keeps what a device has to remember in IndexedDB, which holds private keys without showing them. */
export async function openIndexedDbStorage(name = NAME): Promise<Storage> {
  const database = await openDB<Schema>(name, VERSION, {
    upgrade(created) {
      for (const collection of COLLECTIONS) created.createObjectStore(collection)
    },
    // A later version of the app, in another tab, wants to change the database: let it.
    blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close(),
  })
  return {
    keepsPrivateKeys: true,
    get: (collection, key) => database.get(collection, key),
    getMany: (collection, keys) => getMany(database, collection, keys),
    range: (collection, range) => readRange(database, collection, range),
    write: (changes) => write(database, changes),
    erase: () => erase(database),
    close: async () => database.close(),
  }
}

async function getMany(
  database: IDBPDatabase<Schema>,
  collection: Collection,
  keys: readonly string[],
): Promise<unknown[]> {
  const store = database.transaction(collection).store
  return Promise.all(keys.map((key) => store.get(key)))
}

async function readRange(
  database: IDBPDatabase<Schema>,
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

async function write(database: IDBPDatabase<Schema>, changes: readonly Change[]): Promise<void> {
  if (changes.length === 0) return
  const names = [...new Set(changes.map((change) => collectionOf(change)))]
  // `strict`: a message counter that is forgotten in a power cut would be used twice.
  const transaction = database.transaction(names, 'readwrite', { durability: 'strict' })
  const requests = changes.map((change) => {
    const store = transaction.objectStore(collectionOf(change))
    return 'put' in change ? store.put(change.value, change.key) : store.delete(change.key)
  })
  await Promise.all([...requests, transaction.done])
}

const collectionOf = (change: Change): Collection => ('put' in change ? change.put : change.remove)

async function erase(database: IDBPDatabase<Schema>): Promise<void> {
  const transaction = database.transaction([...COLLECTIONS], 'readwrite', { durability: 'strict' })
  await Promise.all([
    ...COLLECTIONS.map((collection) => transaction.objectStore(collection).clear()),
    transaction.done,
  ])
}
