import { type Change, COLLECTIONS, type Collection, type KeyRange, type Storage } from '@sotto/sdk'

type Collections = Map<Collection, Map<string, unknown>>

const never = new Promise<never>(() => {})

/** A device's storage, in memory. It outlives the clients that use it, and can stop one at any write. */
export class Disk {
  #collections: Collections
  /** Counts down with each write of the client; at zero the client is cut off. */
  #writesLeft = Number.POSITIVE_INFINITY
  #crash: (() => void) | undefined
  #generation = 0

  constructor(collections: Collections = empty()) {
    this.#collections = collections
  }

  copy(): Disk {
    return new Disk(
      new Map([...this.#collections].map(([name, values]) => [name, new Map(values)])),
    )
  }

  /** The value of a record, without its version. */
  get(collection: Collection, key: string): unknown {
    return unversioned(this.#collections.get(collection)?.get(key))
  }

  *values(...collections: Collection[]): Iterable<unknown> {
    for (const name of collections) {
      for (const record of this.#collections.get(name)?.values() ?? []) yield unversioned(record)
    }
  }

  /** The storage for the next client. A client that still uses this disk is cut off, as if it crashed. */
  attach(): Storage {
    this.detach()
    const generation = this.#generation
    const isAttached = () => this.#generation === generation
    const orNever = <T>(value: () => T | Promise<T>): Promise<T> =>
      isAttached() ? Promise.resolve().then(() => (isAttached() ? value() : never)) : never
    const of = (name: Collection) => this.#collections.get(name) as Map<string, unknown>
    return {
      keepsPrivateKeys: true,
      get: (name, key) => orNever(() => of(name).get(key)),
      getMany: (name, keys) => orNever(() => keys.map((key) => of(name).get(key))),
      range: (name, range) => orNever(() => entriesOf(of(name), range)),
      write: (changes) => orNever(() => this.#write(changes.map(copyOf), isAttached)),
      erase: () =>
        orNever(() => {
          this.#collections = empty()
        }),
      close: async () => {},
    }
  }

  /** From now on, nothing that the client on this disk does has any effect. */
  detach(): void {
    this.#generation += 1
    this.#writesLeft = Number.POSITIVE_INFINITY
    this.#crash = undefined
  }

  /** Cuts the client off in the middle of its work, after `writes` more writes. */
  crashAfter(writes: number, crash: () => void): void {
    this.#writesLeft = writes
    this.#crash = crash
  }

  #write(changes: readonly Change[], isAttached: () => boolean): Promise<void> {
    if (this.#writesLeft === 0) {
      const crash = this.#crash
      this.detach()
      crash?.()
    }
    if (!isAttached()) return never
    this.#writesLeft -= 1
    for (const change of changes) {
      if ('put' in change) this.#collections.get(change.put)?.set(change.key, change.value)
      else this.#collections.get(change.remove)?.delete(change.key)
    }
    return Promise.resolve()
  }
}

function unversioned(record: unknown): unknown {
  return (record as { value: unknown } | undefined)?.value
}

function empty(): Collections {
  return new Map(COLLECTIONS.map((name) => [name, new Map()]))
}

function entriesOf(values: Map<string, unknown>, range: KeyRange) {
  const { from = '', below, descending = false, limit } = range
  const keys = [...values.keys()].filter((key) => key >= from && !(below && key >= below)).sort()
  if (descending) keys.reverse()
  return keys.slice(0, limit).map((key) => ({ key, value: values.get(key) }))
}

/** The copy that a real storage would keep. Keys can't change, so they need none. */
function copyOf<T>(value: T): T {
  if (typeof value !== 'object' || value === null || value instanceof CryptoKey) return value
  if (ArrayBuffer.isView(value)) return structuredClone(value)
  if (Array.isArray(value)) return value.map(copyOf) as T
  const prototype = Object.getPrototypeOf(value) as unknown
  if (prototype !== Object.prototype) throw new TypeError('This value cannot be stored')
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, copyOf(one)])) as T
}
