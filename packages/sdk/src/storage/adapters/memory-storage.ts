import {
  type Change,
  COLLECTIONS,
  type Collection,
  type KeyRange,
  type Storage,
  type StoredEntry,
} from '../storage.ts'

/** Keeps everything in memory, for tests and for bots that log in at each start. */
export function createMemoryStorage(): Storage {
  const collections = new Map<Collection, Map<string, unknown>>()
  const clear = () => {
    for (const name of COLLECTIONS) collections.set(name, new Map())
  }
  clear()
  const of = (name: Collection) => collections.get(name) as Map<string, unknown>
  const apply = (change: Change) => {
    if ('put' in change) of(change.put).set(change.key, change.value)
    else of(change.remove).delete(change.key)
  }

  return {
    keepsPrivateKeys: true,
    get: async (name, key) => structuredClone(of(name).get(key)),
    getMany: async (name, keys) => keys.map((key) => structuredClone(of(name).get(key))),
    range: async (name, range) => structuredClone(entriesOf(of(name), range)),
    write: async (changes) => {
      // Copied first, so that a value that can't be copied doesn't leave the write half done.
      for (const change of structuredClone(changes)) apply(change)
    },
    erase: async () => clear(),
    close: async () => {},
  }
}

function entriesOf(values: Map<string, unknown>, range: KeyRange): StoredEntry[] {
  const { from = '', below, descending = false, limit } = range
  const keys = [...values.keys()].filter((key) => key >= from && !(below && key >= below)).sort()
  if (descending) keys.reverse()
  return keys.slice(0, limit).map((key) => ({ key, value: values.get(key) }))
}
