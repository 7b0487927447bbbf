import type { z } from 'zod'
import type { Change, Collection } from './storage.ts'

/** The records of one shape. */
export interface RecordKind<T> {
  readonly collection: Collection
  /** Raised whenever the schema changes; a migration converts stored records. */
  readonly version: number
  readonly schema: z.ZodType<T>
}

/** The key of one record. */
export interface Place<T> {
  readonly kind: RecordKind<T>
  readonly key: string
}

/** A record as it is stored. */
export interface Versioned {
  readonly v: number
  readonly value: unknown
}

/** The change that stores `value` at `place`. */
export function put<T>({ kind, key }: Place<T>, value: T): Change {
  const versioned: Versioned = { v: kind.version, value }
  return { put: kind.collection, key, value: versioned }
}

/** The change that removes the record at `place`. */
export function remove<T>({ kind, key }: Place<T>): Change {
  return { remove: kind.collection, key }
}

/** Whether a stored value carries a version; every record since format 2 does. */
export function isVersioned(stored: unknown): stored is Versioned {
  return (
    typeof stored === 'object' &&
    stored !== null &&
    Object.keys(stored).length === 2 &&
    'v' in stored &&
    'value' in stored &&
    Number.isInteger(stored.v)
  )
}

/** A schema for each member of `T`, including optional ones. Unlisted members are rejected. */
export type ShapeOf<T> = { readonly [Name in keyof Required<T>]: z.ZodType }
