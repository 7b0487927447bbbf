import { utf8Bytes } from '../composer/utf8-bytes.ts'

// PROTOCOL.md §6: a header of about this size and two lengths precede the text.
const HEADER_BYTES = 375
const buckets = [512, 1024, 2048, 4096, 8192, 16384, 32768, 73728]

/** The range of text sizes, in bytes, that produce a ciphertext of the same size as this one. */
export function textSizeRange(text: string): readonly [least: number, most: number] {
  const total = utf8Bytes(text) + HEADER_BYTES
  const bucket = buckets.find((size) => size >= total) ?? buckets.at(-1) ?? 0
  const below = buckets[buckets.indexOf(bucket) - 1] ?? HEADER_BYTES
  return [Math.max(1, below - HEADER_BYTES), Math.min(65_536, bucket - HEADER_BYTES)]
}
