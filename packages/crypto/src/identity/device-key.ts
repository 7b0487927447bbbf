import type { Bytes } from '../bytes.ts'

/**
 * A device's own signing key. It never leaves the device: the private half cannot be exported.
 * Survives `structuredClone` and IndexedDB.
 */
export interface DeviceKeyPair {
  readonly kind: 'device'
  /** Raw Ed25519, 32 bytes. */
  readonly publicKey: Bytes
  readonly privateKey: CryptoKey
}

/**
 * A new device key; make one at every enrolment. `extractable` only for a storage that cannot keep a
 * `CryptoKey` as it is, and then protects it in another way.
 */
export async function generateDeviceKey(options?: {
  extractable: boolean
}): Promise<DeviceKeyPair> {
  const { extractable = false } = options ?? {}
  const pair = await crypto.subtle.generateKey('Ed25519', extractable, ['sign', 'verify'])
  const { publicKey, privateKey } = pair as CryptoKeyPair
  const raw = new Uint8Array(await crypto.subtle.exportKey('raw', publicKey))
  return { kind: 'device', publicKey: raw, privateKey }
}
