import type { ClientError } from '../api/errors.ts'

/**
 * The port to where a device keeps what has to survive a reload: IndexedDB in a browser, SQLite or
 * memory in Node. The client is the only one that writes to it; two clients over one storage would
 * spend the same counters.
 *
 * Values are whatever `structuredClone` copies: plain objects, arrays, strings, numbers, booleans,
 * null, `Uint8Array`, and in the collection `keys` `CryptoKey`. Keys are printable ASCII and sort by
 * their bytes.
 *
 * What fails throws a `ClientError` with a `StorageProblem`; anything else that is thrown counts as
 * `storage_failed`.
 */
export interface Storage {
  /**
   * Whether a non-extractable `CryptoKey` inside a value comes back usable. Where it does not, the
   * client makes the few keys it keeps extractable, and the adapter answers for their protection.
   */
  readonly keepsPrivateKeys: boolean
  /** The value, or undefined. */
  get(collection: Collection, key: string): Promise<unknown>
  /** The values of `keys` in their order, undefined where there is none. */
  getMany(collection: Collection, keys: readonly string[]): Promise<unknown[]>
  /** The entries of a range, in the order of their keys. */
  range(collection: Collection, range: KeyRange): Promise<StoredEntry[]>
  /**
   * Makes all changes in their order or none of them, over several collections. They are durable when
   * the promise resolves, and seen by every read that begins after that.
   */
  write(changes: readonly Change[]): Promise<void>
  /** Removes everything, in one step. */
  erase(): Promise<void>
  /** Resolves when nothing can be read or written any more, whatever is tried; only where that may happen. */
  readonly whenLost?: Promise<ClientError>
  /** Lets go of files and connections; nothing is called afterwards. */
  close(): Promise<void>
}

/** What is kept, one collection per kind. An adapter creates them all when it opens. */
export const COLLECTIONS = [
  /** Who is logged in, and how far signing up has got. */
  'account',
  /** `CryptoKey`s and what is sealed under them. */
  'keys',
  'contacts',
  'conversations',
  /** Envelopes in the order of each conversation's log, opened. */
  'log',
  /** Which messages and counters are in the log already. */
  'seen',
  /** Messages that the server has not accepted yet. */
  'outbox',
  'drafts',
  /** Records that did not parse, as they were; the key is that of the record after the name of its collection. */
  'damaged',
] as const
/** The name of a collection. */
export type Collection = (typeof COLLECTIONS)[number]

/** Which keys: `from` is inside the range, `below` is not; without them the range is open on that side. */
export interface KeyRange {
  readonly from?: string
  readonly below?: string
  /** Last key first. */
  readonly descending?: boolean
  readonly limit?: number
}

/** What `range` gives. */
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
  // '~' is the last printable character of ASCII and used in no key.
  return { from: prefix, below: `${prefix}~` }
}
