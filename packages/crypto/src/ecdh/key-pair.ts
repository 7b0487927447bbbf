import { type Bytes, equalBytes } from '../bytes.ts'
import { CryptoError } from '../errors.ts'

const P256 = { name: 'ECDH', namedCurve: 'P-256' } as const

/** The canonical SPKI prefix of a P-256 key: named curve, uncompressed point, no optional parts. */
const SPKI_PREFIX = new Uint8Array([
  0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
  0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
])
const SPKI_BYTES = SPKI_PREFIX.length + 64

/**
 * An account's key for protocol `ecdh`. The private key cannot be exported. Survives
 * `structuredClone` and IndexedDB.
 */
export interface EcdhKeyPair {
  readonly kind: 'ecdh'
  /** SPKI. */
  readonly publicKey: Bytes
  readonly privateKey: CryptoKey
}

/** A new key pair in the encodings of the `keys` box. */
export async function generateEcdhBytes(): Promise<{ publicKey: Bytes; privateKey: Bytes }> {
  const pair = await crypto.subtle.generateKey(P256, true, ['deriveBits'])
  const { publicKey, privateKey } = pair
  return {
    publicKey: new Uint8Array(await crypto.subtle.exportKey('spki', publicKey)),
    privateKey: new Uint8Array(await crypto.subtle.exportKey('pkcs8', privateKey)),
  }
}

/** Imports a key pair from the `keys` box. */
export async function importEcdhKeyPair(publicKey: Bytes, pkcs8: Bytes): Promise<EcdhKeyPair> {
  await importEcdhPublicKey(publicKey)
  return { kind: 'ecdh', publicKey, privateKey: await importEcdhPrivateKey(pkcs8) }
}

/** A private key from PKCS#8, non-extractable. */
export async function importEcdhPrivateKey(pkcs8: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey('pkcs8', pkcs8, P256, false, ['deriveBits'])
}

/**
 * Imports a P-256 public key from SPKI; throws `bad_public_key`. Only the canonical encoding is
 * accepted: other curves, explicit curve parameters and compressed points are rejected before any
 * computation, and WebCrypto rejects points that are not on the curve.
 */
export async function importEcdhPublicKey(spki: Bytes): Promise<CryptoKey> {
  const prefix = spki.subarray(0, SPKI_PREFIX.length)
  if (spki.length !== SPKI_BYTES || !equalBytes(prefix, SPKI_PREFIX)) {
    throw new CryptoError('bad_public_key')
  }
  try {
    return await crypto.subtle.importKey('spki', spki, P256, true, [])
  } catch {
    throw new CryptoError('bad_public_key')
  }
}

/** The 32 bytes that both sides compute. Never use them as a key directly. */
export async function sharedSecret(privateKey: CryptoKey, peer: Bytes): Promise<Bytes> {
  const publicKey = await importEcdhPublicKey(peer)
  const algorithm = { name: 'ECDH', public: publicKey }
  return new Uint8Array(await crypto.subtle.deriveBits(algorithm, privateKey, 256))
}
