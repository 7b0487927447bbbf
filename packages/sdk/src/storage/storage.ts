import type { ClientError } from '../api/errors.ts'

/**
 * The port to a device's persistent storage: IndexedDB in a browser, SQLite or memory in Node. Only one client may
 * write to it; two clients over one storage would spend the same counters.
 *
 * Values are anything that `structuredClone` copies: plain objects, arrays, strings, numbers, booleans, null,
 * `Uint8Array`, and, in the collection `keys`, `CryptoKey`. Keys are printable ASCII and sort by their bytes.
 *
 * Failures throw a `ClientError` with a `StorageProblem`; any other error counts as `storage_failed`.
 */
export interface Storage {
  /**
   * Whether a non-extractable `CryptoKey` inside a value can still be used after it is read back. If not, the client
   * makes the few keys it keeps extractable, and the adapter is responsible for protecting them.
   */
  readonly keepsPrivateKeys: boolean
  /** The value, or undefined. */
  get(collection: Collection, key: string): Promise<unknown>
  /** The values of `keys` in order, undefined for missing ones. */
  getMany(collection: Collection, keys: readonly string[]): Promise<unknown[]>
  /** The entries of a range, in key order. */
  range(collection: Collection, range: KeyRange): Promise<StoredEntry[]>
  /**
   * Makes all changes in order or none of them, across collections. They are durable when the promise resolves, and
   * visible to every read that begins after that.
   */
  write(changes: readonly Change[]): Promise<void>
  /** Removes everything, in one step. */
  erase(): Promise<void>
  /** Resolves once the storage is lost for good. Absent if that can't happen. */
  readonly whenLost?: Promise<ClientError>
  /** Releases files and connections; no calls follow. */
  close(): Promise<void>
}

/** The collections, one per kind of data. An adapter creates them all when it opens. */
export const COLLECTIONS = [
  /** The log-in, and the progress of a sign-up. */
  'account',
  /** `CryptoKey`s and data sealed under them. */
  'keys',
  'contacts',
  'conversations',
  /** Decrypted envelopes in the order of each conversation's log. */
  'log',
  /** The messages and counters that are already in the log. */
  'seen',
  /** Messages that the server has not accepted yet. */
  'outbox',
  'drafts',
  /** Records that didn't parse, unchanged. The key is the collection's name followed by the record's key. */
  'damaged',
] as const
/** The name of a collection. */
export type Collection = (typeof COLLECTIONS)[number]

/** A range of keys: `from` is inclusive, `below` is exclusive; without them the range is open on that side. */
export interface KeyRange {
  readonly from?: string
  readonly below?: string
  /** Last key first. */
  readonly descending?: boolean
  readonly limit?: number
}

/** An entry that `range` returns. */
export interface StoredEntry {
  readonly key: string
  readonly value: unknown
}

/** One part of a write. */
export type Change =
  | { readonly put: Collection; readonly key: string; readonly value: unknown }
  | { readonly remove: Collection; readonly key: string }

/** Changes to store, and the call that applies them in memory afterwards. */
export interface Step {
  readonly changes: readonly Change[]
  readonly stored: () => void
}

/** The range of all keys that begin with `prefix`. */
export function startingWith(prefix: string): { from: string; below: string } {
  // '~' is the last printable ASCII character, and no key contains it.
  return { from: prefix, below: `${prefix}~` }
}
