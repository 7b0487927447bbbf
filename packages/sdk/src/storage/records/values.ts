import type { Bytes } from '@sotto/crypto'
import { z } from 'zod'
import type { SealedContent } from '../../content/content.ts'

/** Values that appear only in stored records. */

export const StoredBytes = z.custom<Bytes>((value) => value instanceof Uint8Array)

/** A `CryptoKey`, or an adapter's representation of one. */
export const StoredKey = z.custom<CryptoKey>(
  (value) => Object.prototype.toString.call(value) === '[object CryptoKey]',
)

export const Count = z.int().nonnegative()

/** Milliseconds since 1970, by the device's clock. */
export const LocalTime = z.number().nonnegative()

export const StoredContent: z.ZodType<SealedContent> = z.strictObject({
  type: z.string(),
  body: z.string(),
})
