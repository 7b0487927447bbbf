import type { Bytes } from './bytes.ts'
import { CryptoError } from './errors.ts'

/**
 * Base64url without padding (RFC 4648 §5), strict: exactly one text for each byte string. JOSE
 * libraries overlook blanks, padding and unused bits, and then two different texts are one token.
 */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const INVALID = 0xff
const values = new Uint8Array(128).fill(INVALID)
for (let value = 0; value < 64; value++) values[ALPHABET.charCodeAt(value)] = value

/** The text of each pair of characters, by the 12 bits it stands for. */
const pairs = Array.from({ length: 4096 }, (_, bits) => {
  return ALPHABET.charAt(bits >> 6) + ALPHABET.charAt(bits & 63)
})

/** Writes `bytes` as base64url without padding. */
export function encodeBase64url(bytes: Uint8Array): string {
  const whole = bytes.length - (bytes.length % 3)
  let text = ''
  for (let i = 0; i < whole; i += 3) {
    const bits = (byteAt(bytes, i) << 16) | (byteAt(bytes, i + 1) << 8) | byteAt(bytes, i + 2)
    text += pairAt(bits >> 12) + pairAt(bits & 0xfff)
  }
  const left = bytes.length - whole
  if (left === 1) text += pairAt(byteAt(bytes, whole) << 4)
  if (left === 2) {
    const bits = (byteAt(bytes, whole) << 10) | (byteAt(bytes, whole + 1) << 2)
    text += pairAt(bits >> 6) + ALPHABET.charAt(bits & 63)
  }
  return text
}

/** Reads base64url; throws `bad_encoding` for anything that `encodeBase64url` would not write. */
export function decodeBase64url(text: string): Bytes {
  const left = text.length % 4
  if (left === 1) throw new CryptoError('bad_encoding')

  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4))
  let bits = 0
  let count = 0
  let offset = 0
  let seen = 0
  for (let i = 0; i < text.length; i++) {
    const value = values[text.charCodeAt(i)] ?? INVALID
    seen |= value
    bits = ((bits << 6) | value) & 0xfff
    count += 6
    if (count >= 8) {
      count -= 8
      bytes[offset++] = bits >> count
    }
  }
  const unused = bits & ((1 << count) - 1)
  if (seen & 0xc0 || unused !== 0) throw new CryptoError('bad_encoding')
  return bytes
}

const byteAt = (bytes: Uint8Array, i: number) => bytes[i] ?? 0
const pairAt = (bits: number) => pairs[bits] ?? ''
