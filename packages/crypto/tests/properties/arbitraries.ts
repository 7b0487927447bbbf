import { AccountId, ConversationId, DeviceId, EnvelopeId } from '@sotto/wire'
import fc from 'fast-check'
import { encodeBase64url } from '../../src/base64url.ts'
import type { Bytes } from '../../src/bytes.ts'
import type { Header } from '../../src/content-header.ts'

/** Few runs by default; many with SLOW=1. */
export const runs = (few: number) => ({ numRuns: process.env.SLOW ? few * 50 : few })

/** Arbitrary bytes, up to a few kilobytes. */
export const bytes = (maxLength = 3000): fc.Arbitrary<Bytes> =>
  fc.uint8Array({ maxLength }).map((array) => new Uint8Array(array))

/** The output of OPAQUE. */
export const exportKeys = fc
  .uint8Array({ minLength: 64, maxLength: 64 })
  .map((array) => new Uint8Array(array))

/** Any text a person can send. */
export const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 2000 })

/** An id as a device makes it. */
export const id = fc.uuid({ version: 4 })

/** The header of a message, as a device writes it. */
export const headers: fc.Arbitrary<Header> = fc.record({
  type: fc.constant('text' as const),
  conversation: id.map((one) => ConversationId.parse(one)),
  message: id.map((one) => EnvelopeId.parse(one)),
  account: id.map((one) => AccountId.parse(one)),
  device: id.map((one) => DeviceId.parse(one)),
  to: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((tag) => encodeBase64url(tag)),
  record: fc.integer({ min: 1, max: 0xffff_ffff }),
  manifest: fc.integer({ min: 1, max: 0xffff_ffff }),
  counter: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  skipped: fc.array(fc.integer({ min: 1 }), { maxLength: 64 }),
  sentAt: fc.nat(),
  recipients: fc.array(
    fc.uint8Array({ minLength: 32, maxLength: 32 }).map((hash) => encodeBase64url(hash)),
    { maxLength: 64 },
  ),
})

/** The position of a bit to flip, as a fraction of the whole. */
export const position = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

/** `bytes` with one bit flipped. */
export function flipBit(bytes: Uint8Array, at: number): Bytes {
  const flipped = new Uint8Array(bytes)
  const bit = Math.floor(at * flipped.length * 8)
  const index = bit >> 3
  flipped[index] = (flipped[index] ?? 0) ^ (1 << (bit & 7))
  return flipped
}
