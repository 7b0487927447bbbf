import { ClientError } from '../api/errors.ts'
import { isVersioned, type Place, type RecordKind } from './record-kind.ts'
import type { Change, Collection, KeyRange, Storage, StoredEntry } from './storage.ts'

/** A record of a range. */
export interface FoundRecord<T> {
  readonly key: string
  readonly value: T
}

/**
 * A device's records: `Storage`, with every record parsed as it is read.
 *
 * A record that doesn't parse is moved unchanged to the collection `damaged` and counts as missing. A record from a
 * newer version of the app throws `storage_newer` and stays where it is.
 */
export interface Store extends Pick<Storage, 'keepsPrivateKeys' | 'write' | 'erase' | 'close'> {
  /** The record, or undefined. */
  load<T>(place: Place<T>): Promise<T | undefined>
  /** The records of `places` in order, undefined for missing ones. */
  loadMany<T>(places: readonly Place<T>[]): Promise<(T | undefined)[]>
  /** The records of a range, in key order. */
  range<T>(kind: RecordKind<T>, range: KeyRange): Promise<FoundRecord<T>[]>
}

export interface StoreListeners {
  /** Records were set aside because they don't parse; `names` lists their collections and keys. */
  readonly onDamaged: (names: readonly string[]) => void
}

/** Adds parsing to `storage`. */
export function createStore(storage: Storage, { onDamaged }: StoreListeners): Store {
  const setAside = async (collection: Collection, damaged: readonly StoredEntry[]) => {
    if (damaged.length === 0) return
    const names = damaged.map(({ key }) => `${collection}/${key}`)
    const moves = damaged.flatMap(({ key, value }): Change[] => [
      { put: 'damaged', key: `${collection}/${key}`, value },
      { remove: collection, key },
    ])
    await storage.write(moves)
    onDamaged(names)
  }

  const loadMany = async <T>(places: readonly Place<T>[]): Promise<(T | undefined)[]> => {
    const [first] = places
    if (!first) return []
    const { kind } = first
    const keys = places.map(({ key }) => key)
    const found = await storage.getMany(kind.collection, keys)
    const damaged: StoredEntry[] = []
    const records = found.map((value, i) => {
      if (value === undefined) return undefined
      const parsed = parse(kind, value)
      if (!parsed) damaged.push({ key: keys[i] ?? '', value })
      return parsed?.value
    })
    await setAside(kind.collection, damaged)
    return records
  }

  return {
    keepsPrivateKeys: storage.keepsPrivateKeys,
    loadMany,
    load: async (place) => (await loadMany([place]))[0],
    range: async (kind, range) => {
      const found = await storage.range(kind.collection, range)
      const damaged: StoredEntry[] = []
      const records = found.flatMap((entry) => {
        const parsed = parse(kind, entry.value)
        if (!parsed) damaged.push(entry)
        return parsed ? [{ key: entry.key, value: parsed.value }] : []
      })
      await setAside(kind.collection, damaged)
      return records
    },
    write: (changes) => storage.write(changes),
    erase: () => storage.erase(),
    close: () => storage.close(),
  }
}

/** The record in a stored value, or undefined if it is damaged. Throws `storage_newer`. */
function parse<T>({ version, schema }: RecordKind<T>, stored: unknown): { value: T } | undefined {
  if (!isVersioned(stored)) return undefined
  if (stored.v > version) throw new ClientError('storage_newer')
  const parsed = stored.v === version ? schema.safeParse(stored.value) : undefined
  return parsed?.success ? { value: parsed.data } : undefined
}
