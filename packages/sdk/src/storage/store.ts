import { ClientError } from '../api/errors.ts'
import { isVersioned, type Place, type RecordKind } from './record-kind.ts'
import type { Change, Collection, KeyRange, Storage, StoredEntry } from './storage.ts'

/** A record of a range. */
export interface FoundRecord<T> {
  readonly key: string
  readonly value: T
}

/**
 * The records of a device: `Storage` with every record parsed as it is read.
 *
 * A record that does not parse is moved to the collection `damaged`, byte for byte, and counts as missing. A record
 * of a newer version of the app throws `storage_newer` and stays where it is.
 */
export interface Store extends Pick<Storage, 'keepsPrivateKeys' | 'write' | 'erase' | 'close'> {
  /** The record, or undefined. */
  load<T>(place: Place<T>): Promise<T | undefined>
  /** The records of `places` in their order, undefined where there is none. */
  loadMany<T>(places: readonly Place<T>[]): Promise<(T | undefined)[]>
  /** The records of a range, in the order of their keys. */
  range<T>(kind: RecordKind<T>, range: KeyRange): Promise<FoundRecord<T>[]>
}

export interface StoreListeners {
  /** Records were set aside because they do not parse; `names` are their collections and keys. */
  readonly onDamaged: (names: readonly string[]) => void
}

/** Puts the parsing store on top of `storage`. */
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

/** The record in a stored value; undefined when it is damaged. Throws `storage_newer`. */
function parse<T>({ version, schema }: RecordKind<T>, stored: unknown): { value: T } | undefined {
  if (!isVersioned(stored)) return undefined
  if (stored.v > version) throw new ClientError('storage_newer')
  const parsed = stored.v === version ? schema.safeParse(stored.value) : undefined
  return parsed?.success ? { value: parsed.data } : undefined
}
