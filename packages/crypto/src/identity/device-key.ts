import { generateEd25519 } from './ed25519.ts'
import type { SigningKeyPair } from './ed25519-port.ts'

/**
 * A device's own signing key. It never leaves the device: the private key cannot be exported.
 * Survives `structuredClone` and IndexedDB.
 */
export interface DeviceKeyPair extends SigningKeyPair {
  readonly kind: 'device'
}

/**
 * Creates a device key. Create a new one at every enrollment. Set `extractable` only for a storage
 * that cannot store a `CryptoKey` and protects the key in another way.
 */
export async function generateDeviceKey(options?: {
  extractable: boolean
}): Promise<DeviceKeyPair> {
  const { extractable = false } = options ?? {}
  return { kind: 'device', ...(await generateEd25519(extractable)) }
}
