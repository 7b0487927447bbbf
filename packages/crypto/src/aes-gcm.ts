import { type Bytes, concat, randomBytes } from './bytes.ts'

const IV_BYTES = 12
const TAG_BYTES = 16

/** A non-extractable AES-256-GCM key. */
export async function importAesGcmKey(key: Bytes): Promise<CryptoKey> {
  if (key.length !== 32) throw new RangeError('An AES-256 key must have 32 bytes')
  return crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt', 'decrypt'])
}

/** A new AES-256-GCM key, non-extractable unless `extractable` is set. */
export async function generateAesGcmKey(options: { extractable: boolean }): Promise<CryptoKey> {
  const algorithm = { name: 'AES-GCM', length: 256 }
  return crypto.subtle.generateKey(algorithm, options.extractable, ['encrypt', 'decrypt'])
}

/** IV (random) ‖ ciphertext ‖ tag. */
export async function sealAesGcm(key: CryptoKey, context: Bytes, plaintext: Bytes): Promise<Bytes> {
  // Random IVs are safe for 2³² messages under one key (NIST SP 800-38D §8.3). No key here seals
  // more than one message per change of a box or of a device's own records.
  const iv = randomBytes(IV_BYTES)
  const algorithm = { name: 'AES-GCM', iv, additionalData: context, tagLength: TAG_BYTES * 8 }
  return concat(iv, new Uint8Array(await crypto.subtle.encrypt(algorithm, key, plaintext)))
}

/** Opens the output of `sealAesGcm` for the same `context`; throws for anything else. */
export async function openAesGcm(key: CryptoKey, context: Bytes, sealed: Bytes): Promise<Bytes> {
  if (sealed.length < IV_BYTES + TAG_BYTES) throw new RangeError('Sealed data is too short')
  const iv = sealed.subarray(0, IV_BYTES)
  const algorithm = { name: 'AES-GCM', iv, additionalData: context, tagLength: TAG_BYTES * 8 }
  return new Uint8Array(await crypto.subtle.decrypt(algorithm, key, sealed.subarray(IV_BYTES)))
}
