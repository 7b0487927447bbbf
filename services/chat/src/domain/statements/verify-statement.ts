import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { ed25519 } from '@noble/curves/ed25519.js'
import { DomainError } from '@sotto/service-runtime'
import type { AccountRecord } from '@sotto/wire'
import { bytesOf } from './statements.ts'

// The server verifies signatures and keys so that no one publishes what every client would reject.
// It vouches for nothing: clients verify everything again, under the identity key they have pinned.

const MIN_RSA_BITS = 2048
const MAX_RSA_BITS = 4096
const RSA_EXPONENT = 65537n
const POINT_BYTES = 32

/**
 * Throws `bad_signature` unless `publicKey` (base64url of a raw Ed25519 key) signed the statement.
 * The key itself was validated with the record or the credential that contains it.
 */
export function verifyStatement(statement: string, publicKey: string | undefined): void {
  if (!isSignedBy(statement, publicKey)) throw new DomainError('bad_signature')
}

/** Whether `publicKey` signed the statement. */
export function isSignedBy(statement: string, publicKey: string | undefined): boolean {
  const end = statement.lastIndexOf('.')
  const signature = bytesOf(statement.slice(end + 1))
  const key = publicKey === undefined ? undefined : ed25519KeyOf(publicKey)
  if (!key || !signature) return false
  // R. Libraries disagree about it as they do about public keys.
  const hasUsualPoint = isUsualPoint(signature.subarray(0, POINT_BYTES))
  return hasUsualPoint && verify(null, Buffer.from(statement.slice(0, end)), key, signature)
}

/** Whether every public key of a record is valid and in its canonical encoding. */
export function hasRealKeys({ identityKey, ecdhKey, rsaKey }: AccountRecord): boolean {
  return isEd25519Key(identityKey) && isP256(ecdhKey) && (rsaKey === null || isRsa(rsaKey))
}

function ed25519KeyOf(publicKey: string): KeyObject | undefined {
  try {
    return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' })
  } catch {
    return undefined
  }
}

// RFC 5480: id-ecPublicKey on secp256r1, then a point that is not compressed.
const P256_START = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d03010703420004', 'hex')

function isP256(text: string): boolean {
  const start = bytesOf(text)?.subarray(0, P256_START.length)
  // Compressed points and others are different encodings of the same key.
  return start !== undefined && P256_START.equals(start) && spkiKeyOf(text) !== undefined
}

function isRsa(text: string): boolean {
  const key = spkiKeyOf(text)
  if (key?.asymmetricKeyType !== 'rsa') return false
  const { modulusLength = 0, publicExponent } = key.asymmetricKeyDetails ?? {}
  const hasRightSize = modulusLength >= MIN_RSA_BITS && modulusLength <= MAX_RSA_BITS
  return hasRightSize && publicExponent === RSA_EXPONENT
}

/** A key from SPKI; undefined for bytes that are not a key, or not in the canonical encoding. */
function spkiKeyOf(text: string): KeyObject | undefined {
  const bytes = bytesOf(text)
  if (!bytes) return undefined
  try {
    const key = createPublicKey({ key: Buffer.from(bytes), format: 'der', type: 'spki' })
    const canonical = key.export({ format: 'der', type: 'spki' })
    return canonical.equals(bytes) ? key : undefined
  } catch {
    return undefined
  }
}

/**
 * Whether base64url of 32 bytes is a valid Ed25519 public key. Node accepts any 32 bytes as a key,
 * and only fails to verify with some of them.
 */
export function isEd25519Key(text: string): boolean {
  const bytes = bytesOf(text)
  return bytes !== undefined && isUsualPoint(bytes)
}

/**
 * Whether the bytes are the canonical encoding of a point (RFC 8032 §5.1.3) that has no small
 * order. Libraries disagree about all others, and clients reject them (PROTOCOL.md §3).
 */
function isUsualPoint(bytes: Uint8Array): boolean {
  try {
    return !ed25519.Point.fromBytes(Uint8Array.from(bytes)).isSmallOrder()
  } catch {
    return false
  }
}
