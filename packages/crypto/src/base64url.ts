import type { Bytes } from './bytes.ts'
import { CryptoError } from './errors.ts'

/**
 * Base64url without padding (RFC 4648 §5), strict: every byte string has exactly one encoding. JOSE
 * libraries ignore whitespace, padding and unused bits, so that two different texts are the same
 * token to them.
 */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const INVALID = 0xff
/** Bits that no valid value has. */
const NO_VALUE = 0xc0
const characters = Uint8Array.from(ALPHABET, (character) => character.charCodeAt(0))
const values = new Uint8Array(128).fill(INVALID)
characters.forEach((character, value) => {
  values[character] = value
})
const ascii = new TextDecoder()

/** ES2026. All browsers have it, Node 24 does not. Ten times as fast as a loop. */
interface NativeEncoder {
  toBase64?(options: typeof FORM): string
}
const FORM = { alphabet: 'base64url', omitPadding: true } as const

/** Writes `bytes` as base64url without padding. */
export function encodeBase64url(bytes: Uint8Array & NativeEncoder): string {
  const native = bytes.toBase64?.(FORM)
  return native ?? encodeByTable(bytes)
}

function encodeByTable(bytes: Uint8Array): string {
  const text = new Uint8Array(Math.ceil((bytes.length * 4) / 3))
  const rest = bytes.length % 3
  const end = bytes.length - rest
  let offset = 0
  for (let i = 0; i < end; i += 3) {
    const bits = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    text[offset++] = characterOf(bits >> 18)
    text[offset++] = characterOf(bits >> 12)
    text[offset++] = characterOf(bits >> 6)
    text[offset++] = characterOf(bits)
  }
  if (rest > 0) {
    const bits = ((bytes[end] ?? 0) << 16) | ((bytes[end + 1] ?? 0) << 8)
    text[offset++] = characterOf(bits >> 18)
    text[offset++] = characterOf(bits >> 12)
    if (rest === 2) text[offset] = characterOf(bits >> 6)
  }
  return ascii.decode(text)
}

/** The character for the lowest six bits. */
const characterOf = (bits: number): number => characters[bits & 63] ?? 0

/** Decodes base64url; throws `bad_encoding` for anything that `encodeBase64url` would not write. */
export function decodeBase64url(text: string): Bytes {
  const bytes = new Uint8Array(byteLengthOf(text))
  decodeBase64urlInto(bytes, text)
  return bytes
}

/** The number of bytes that a base64url `text` encodes, provided that it is valid. */
export const byteLengthOf = (text: string): number => Math.floor((text.length * 3) / 4)

/**
 * Decodes base64url into `target`. Throws `bad_encoding` for anything that `encodeBase64url` would
 * not write, and if the number of bytes differs from the size of `target`.
 */
export function decodeBase64urlInto(target: Bytes, text: string): void {
  const rest = text.length % 4
  if (rest === 1 || byteLengthOf(text) !== target.length) throw new CryptoError('bad_encoding')

  const end = text.length - rest
  let seen = 0
  let offset = 0
  for (let i = 0; i < end; i += 4) {
    const a = valueAt(text, i)
    const b = valueAt(text, i + 1)
    const c = valueAt(text, i + 2)
    const d = valueAt(text, i + 3)
    seen |= a | b | c | d
    target[offset++] = (a << 2) | (b >> 4)
    target[offset++] = (b << 4) | (c >> 2)
    target[offset++] = (c << 6) | d
  }
  if (seen & NO_VALUE) throw new CryptoError('bad_encoding')
  if (rest > 0) decodeRest(target, offset, text, end)
}

/**
 * Decodes the last two or three characters. Their surplus bits must be zero, so that the encoding
 * is unique.
 */
function decodeRest(target: Bytes, offset: number, text: string, start: number): void {
  const hasThree = text.length - start === 3
  const a = valueAt(text, start)
  const b = valueAt(text, start + 1)
  const c = hasThree ? valueAt(text, start + 2) : 0
  const unused = hasThree ? c & 3 : b & 15
  if ((a | b | c) & NO_VALUE || unused !== 0) throw new CryptoError('bad_encoding')
  target[offset] = (a << 2) | (b >> 4)
  if (hasThree) target[offset + 1] = (b << 4) | (c >> 2)
}

const valueAt = (text: string, index: number): number => values[text.charCodeAt(index)] ?? INVALID
