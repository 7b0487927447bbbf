import { ClientError } from '../../api/errors.ts'
import { loadCode } from '../../scheduling/load-code.ts'
import { isVersioned, put } from '../record-kind.ts'
import { FORMAT } from '../records/account.ts'
import { COLLECTIONS, type Storage } from '../storage.ts'
import { createStore, type Store, type StoreListeners } from '../store.ts'

/**
 * The steps from one format to the next: `STEPS[0]` leads from format 1 to format 2. Each can be interrupted and
 * restarted, and moves unreadable records to the collection `damaged`.
 */
const STEPS: readonly ((storage: Storage, listeners: StoreListeners) => Promise<void>)[] = [
  async (...store) => {
    const { toFormat2 } = await loadCode(() => import('./to-format-2.ts'))
    await toFormat2(...store)
  },
]

/** The format that this version reads and writes. */
const CURRENT_FORMAT = STEPS.length + 1

/**
 * Opens a device's stored data after migrating it to the current format. Throws `storage_newer`, and changes nothing,
 * if a newer version has written it.
 */
export async function openStore(storage: Storage, listeners: StoreListeners): Promise<Store> {
  const stored = await storage.get(FORMAT.kind.collection, FORMAT.key)
  const format = formatIn(stored)
  if (format > CURRENT_FORMAT) throw new ClientError('storage_newer')
  const isNew = format < CURRENT_FORMAT && (await isEmpty(storage))
  if (!isNew) for (const step of STEPS.slice(format - 1)) await step(storage, listeners)
  if (format < CURRENT_FORMAT) await storage.write([put(FORMAT, CURRENT_FORMAT)])
  return createStore(storage, listeners)
}

/** Whether this storage is unused: then there's nothing to migrate, and no migration code to load. */
async function isEmpty(storage: Storage): Promise<boolean> {
  for (const name of COLLECTIONS) {
    if ((await storage.range(name, { limit: 1 })).length > 0) return false
  }
  return true
}

function formatIn(stored: unknown): number {
  return isVersioned(stored) && Number.isSafeInteger(stored.value) ? Number(stored.value) : 1
}
