import { generateAesGcmKey, openAesGcm, sealAesGcm } from '../aes-gcm.ts'
import { type Bytes, utf8 } from '../bytes.ts'

/**
 * The private half of an Ed25519 key: a `CryptoKey`, or a sealed seed where WebCrypto has no
 * Ed25519. Survives `structuredClone` and IndexedDB.
 */
export type SigningKey = CryptoKey | SealedSigningKey

/**
 * A seed (RFC 8032 §5.1.5) sealed under a non-extractable key. The stored data is useless without
 * this browser profile. However, an attacker who can run code on the page could read the seed, not
 * just use it.
 */
export interface SealedSigningKey {
  readonly sealedWith: CryptoKey
  /** Output of `sealAesGcm`. */
  readonly sealedSeed: Bytes
}

const CONTEXT = utf8('sotto/1 signing key')

/** Seals a seed under a new key. `extractable` applies to that key. */
export async function sealSeed(seed: Bytes, extractable: boolean): Promise<SealedSigningKey> {
  const sealedWith = await generateAesGcmKey({ extractable })
  return { sealedWith, sealedSeed: await sealAesGcm(sealedWith, CONTEXT, seed) }
}

/** Calls `use` with the seed, then wipes the seed. */
export async function withSeed<T>(
  { sealedWith, sealedSeed }: SealedSigningKey,
  use: (seed: Bytes) => T,
): Promise<T> {
  const seed = await openAesGcm(sealedWith, CONTEXT, sealedSeed)
  try {
    return use(seed)
  } finally {
    seed.fill(0)
  }
}

export const isSealed = (key: SigningKey): key is SealedSigningKey => 'sealedSeed' in key
