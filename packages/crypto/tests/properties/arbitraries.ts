import fc from 'fast-check'
import type { Bytes } from '../../src/bytes.ts'

/** Few runs by default, many with SLOW=1. */
export const runs = (few: number) => ({ numRuns: process.env.SLOW ? few * 50 : few })

/** Any bytes, up to some kilobytes. */
export const bytes = (maxLength = 3000): fc.Arbitrary<Bytes> =>
  fc.uint8Array({ maxLength }).map((array) => new Uint8Array(array))

/** What OPAQUE gives. */
export const exportKeys = fc
  .uint8Array({ minLength: 64, maxLength: 64 })
  .map((array) => new Uint8Array(array))

/** Any text a person can send. */
export const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 2000 })

/** Where to flip a bit, as a part of the whole. */
export const position = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

/** `bytes` with one bit changed. */
export function flipBit(bytes: Uint8Array, at: number): Bytes {
  const flipped = new Uint8Array(bytes)
  const bit = Math.floor(at * flipped.length * 8)
  const index = bit >> 3
  flipped[index] = (flipped[index] ?? 0) ^ (1 << (bit & 7))
  return flipped
}
