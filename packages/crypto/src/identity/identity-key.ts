import { decodeBase64url } from '../base64url.ts'
import type { Bytes } from '../bytes.ts'

/**
 * An account's long-term signing key: what people verify, and what signs records and credentials. The
 * private half cannot be exported. Survives `structuredClone` and IndexedDB.
 */
export interface IdentityKeyPair {
  readonly kind: 'identity'
  /** Raw Ed25519, 32 bytes. */
  readonly publicKey: Bytes
  readonly privateKey: CryptoKey
}

/** A new private key as PKCS#8, for the `keys` box. */
export async function generateIdentityBytes(): Promise<Bytes> {
  const pair = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])
  return new Uint8Array(await crypto.subtle.exportKey('pkcs8', (pair as CryptoKeyPair).privateKey))
}

/** The identity key that stands in the `keys` box. */
export async function importIdentityKey(pkcs8: Bytes): Promise<IdentityKeyPair> {
  // PKCS#8 holds only the private half; the public one is told by a JWK, which takes an extractable
  // key, forgotten at once.
  const extractable = await crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', true, ['sign'])
  const { x = '' } = await crypto.subtle.exportKey('jwk', extractable)
  const privateKey = await crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', false, ['sign'])
  return { kind: 'identity', publicKey: decodeBase64url(x), privateKey }
}
