import { generateEd25519 } from './ed25519.ts'
import type { SigningKeyPair } from './ed25519-port.ts'

/**
 * A device's own signing key. It never leaves the device: the private half cannot be exported.
 * Survives `structuredClone` and IndexedDB.
 */
export interface DeviceKeyPair extends SigningKeyPair {
  readonly kind: 'device'
}

/**
 * A new device key; make one at every enrolment. `extractable` only for a storage that cannot keep a
 * `CryptoKey` as it is, and then protects it in another way.
 */
export async function generateDeviceKey(options?: {
  extractable: boolean
}): Promise<DeviceKeyPair> {
  const { extractable = false } = options ?? {}
  return { kind: 'device', ...(await generateEd25519(extractable)) }
}
