import { createHash } from 'node:crypto'
import type { SigningKey } from './primitives.ts'

/**
 * Signatures that no signing function produces and that some libraries accept (PROTOCOL.md §3).
 * Everything here is computed from RFC 8032 §5.1.
 */

const P = 2n ** 255n - 19n
/** The order of the base point. */
const L = 2n ** 252n + 27742317777372353535851937790883648493n

/** Encodings of points of small order. */
export const SMALL = {
  identity: encode(1n),
  order2: encode(P - 1n),
  order8: encode(0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n),
  /** The identity again, in a non-canonical encoding. */
  identityPlusP: encode(P + 1n),
} as const

/**
 * Creates a signature for `message` that verifies under a public key A of small order if the hash
 * is a multiple of 8: then [k]A is the identity. R is an ordinary point, and S its discrete
 * logarithm. Undefined for other messages.
 */
export function signUnderSmallKey(a: Buffer, nonce: SigningKey, message: Buffer) {
  const r = nonce.publicKey
  return hash(r, a, message) % 8n === 0n ? join(r, scalarOf(nonce)) : undefined
}

/** R is the identity, encoded as in `r`, and S satisfies [S]B = R + [k]A. */
export function signWithoutNonce(key: SigningKey, r: Buffer, message: Buffer): Buffer {
  return join(r, hash(r, key.publicKey, message) * scalarOf(key))
}

/**
 * R has a component of order 2: [8][S]B = [8]R + [8][k]A holds, but the equation without the
 * cofactor does not.
 */
export function signForCofactor(key: SigningKey, nonce: SigningKey, message: Buffer): Buffer {
  const r = plusOrder2(nonce.publicKey)
  return join(r, scalarOf(nonce) + hash(r, key.publicKey, message) * scalarOf(key))
}

/** (x, y) + (0, −1) = (−x, −y). */
function plusOrder2(point: Buffer): Buffer {
  const number = decode(point)
  const [sign, y] = [number >> 255n, number % 2n ** 255n]
  return encode(P - y + ((sign ^ 1n) << 255n))
}

/** The scalar of a private key (RFC 8032 §5.1.5). */
function scalarOf(key: SigningKey): bigint {
  const seed = Buffer.from(key.shown.pkcs8, 'base64url').subarray(-32)
  const half = decode(createHash('sha512').update(seed).digest().subarray(0, 32))
  return ((half % 2n ** 254n) | (2n ** 254n)) & ~7n
}

function hash(r: Buffer, a: Buffer, message: Buffer): bigint {
  return decode(createHash('sha512').update(r).update(a).update(message).digest()) % L
}

const join = (r: Buffer, s: bigint): Buffer => Buffer.concat([r, encode(s % L)])

function encode(number: bigint): Buffer {
  return Buffer.from(number.toString(16).padStart(64, '0'), 'hex').reverse()
}

function decode(bytes: Buffer): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`)
}
