import { ClientError, COLLECTIONS, type Collection } from '@sotto/sdk'
import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import { storageErrorOf } from './storage-error.ts'

const NAME = 'sotto'
const VERSION = 2

export type Database = IDBPDatabase<DBSchema & Record<Collection, { key: string; value: unknown }>>

interface Options {
  /** If false, a missing database means that it was deleted. */
  readonly mayCreate: boolean
}

/** Opens this browser's database. Throws `ClientError` with a `StorageProblem`. */
export async function openDatabase({ mayCreate }: Options): Promise<Database> {
  let isGone = false
  try {
    const database: Database = await openDB(NAME, VERSION, {
      upgrade(created, before, _after, transaction) {
        isGone = before === 0 && !mayCreate
        if (isGone) return transaction.abort()
        for (const collection of COLLECTIONS) {
          if (!created.objectStoreNames.contains(collection)) created.createObjectStore(collection)
        }
      },
    })
    if (mayCreate) await tryToKeepKey(database)
    return database
  } catch (cause) {
    if (isGone) throw new ClientError('storage_cleared', undefined, { cause })
    if (isRefused(cause)) throw new ClientError('storage_blocked', undefined, { cause })
    throw storageErrorOf(cause)
  }
}

/** Some browsers report this way that private windows store nothing. */
function isRefused(cause: unknown): boolean {
  return cause instanceof DOMException && cause.name === 'InvalidStateError'
}

/** In private windows some browsers store everything except keys, and report it too late. Leaves nothing behind. */
async function tryToKeepKey(database: Database): Promise<void> {
  const algorithm = { name: 'AES-GCM', length: 256 }
  const key = await crypto.subtle.generateKey(algorithm, false, ['encrypt', 'decrypt'])
  const transaction = database.transaction('keys', 'readwrite')
  transaction.done.catch(() => {})
  try {
    await transaction.store.put(key, 'a try')
  } finally {
    transaction.abort()
  }
}
