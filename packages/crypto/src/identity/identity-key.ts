import type { Bytes } from '../bytes.ts'
import { generateEd25519Bytes, importEd25519 } from './ed25519.ts'
import type { SigningKeyPair } from './ed25519-port.ts'

/**
 * An account's long-term signing key: people verify it, and it signs records and credentials. The
 * private key cannot be exported. Survives `structuredClone` and IndexedDB.
 */
export interface IdentityKeyPair extends SigningKeyPair {
  readonly kind: 'identity'
}

/** A new private key as PKCS#8, for the `keys` box. */
export async function generateIdentityBytes(): Promise<Bytes> {
  return generateEd25519Bytes()
}

/** Imports the identity key from the `keys` box. */
export async function importIdentityKey(pkcs8: Bytes): Promise<IdentityKeyPair> {
  return { kind: 'identity', ...(await importEd25519(pkcs8)) }
}
