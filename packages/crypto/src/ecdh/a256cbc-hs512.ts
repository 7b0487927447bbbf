import { type Bytes, equalBytes } from '../bytes.ts'

/**
 * `A256CBC-HS512` (RFC 7518 §5.2.5) over WebCrypto with keys that are imported once: AES-256-CBC,
 * then HMAC-SHA-512 over everything, truncated to 32 bytes.
 */

const KEY_BYTES = 32
const IV_BYTES = 16
const BLOCK_BYTES = 16
const TAG_BYTES = 32
const LENGTH_BYTES = 8
const HMAC_SHA512 = { name: 'HMAC', hash: 'SHA-512' } as const

/** Both halves of a key, non-extractable. */
export interface CompositeKey {
  readonly macKey: CryptoKey
  readonly encryptionKey: CryptoKey
}

/** What a key may be used for. A key that only opens messages cannot be used to write them. */
export type KeyUse = 'both' | 'open'

/**
 * The input of the tag in one buffer: copying the parts together would cost up to a tenth of the
 * encryption of a short message. `iv` and `ciphertext` are views of `whole`; only `layOut` creates
 * them.
 */
export interface Covered {
  /** The AAD, the IV, the ciphertext, and the length of the AAD in bits as a 64-bit number. */
  readonly whole: Bytes
  readonly iv: Bytes
  readonly ciphertext: Bytes
}

export interface Sealed extends Covered {
  readonly tag: Bytes
}

/** Imports 64 bytes: first the MAC key, then the encryption key. */
export async function importCompositeKey(bytes: Bytes, use: KeyUse): Promise<CompositeKey> {
  if (bytes.length !== 2 * KEY_BYTES)
    throw new RangeError('An A256CBC-HS512 key must have 64 bytes')
  const macBytes = bytes.subarray(0, KEY_BYTES)
  const encryptionBytes = bytes.subarray(KEY_BYTES)
  const usages: KeyUsage[] = use === 'open' ? ['decrypt'] : ['encrypt', 'decrypt']
  const [macKey, encryptionKey] = await Promise.all([
    importMacKey(macBytes),
    crypto.subtle.importKey('raw', encryptionBytes, 'AES-CBC', false, usages),
  ])
  return { macKey, encryptionKey }
}

/**
 * Allocates space for an IV and a ciphertext of that length, laid out as the tag covers them
 * together with `aad`.
 */
export function layOut(aad: Bytes, ciphertextBytes: number): Covered {
  const ivEnd = aad.length + IV_BYTES
  const end = ivEnd + ciphertextBytes
  const whole = new Uint8Array(end + LENGTH_BYTES)
  whole.set(aad)
  new DataView(whole.buffer).setUint32(whole.length - 4, aad.length * 8)
  return { whole, iv: whole.subarray(aad.length, ivEnd), ciphertext: whole.subarray(ivEnd, end) }
}

/** Encrypts under a fresh random IV, then authenticates `aad`, IV and ciphertext. */
export async function sealComposite(
  { macKey, encryptionKey }: CompositeKey,
  aad: Bytes,
  plaintext: Bytes,
): Promise<Sealed> {
  const ciphertextBytes = plaintext.length - (plaintext.length % BLOCK_BYTES) + BLOCK_BYTES
  const covered = layOut(aad, ciphertextBytes)
  const algorithm = { name: 'AES-CBC', iv: crypto.getRandomValues(covered.iv) }
  const ciphertext = await crypto.subtle.encrypt(algorithm, encryptionKey, plaintext)
  covered.ciphertext.set(new Uint8Array(ciphertext))
  return { ...covered, tag: await computeTag(macKey, covered.whole, TAG_BYTES) }
}

/**
 * Verifies the tag before it decrypts, so that padding is never examined before its author is
 * known. Throws for anything except the output of `sealComposite` under this key.
 */
export async function openComposite(
  { macKey, encryptionKey }: CompositeKey,
  { whole, iv, ciphertext, tag }: Sealed,
): Promise<Bytes> {
  const isWhole = ciphertext.length > 0 && ciphertext.length % BLOCK_BYTES === 0
  if (tag.length !== TAG_BYTES || !isWhole) throw new RangeError('parts')

  // `subtle.verify` would compare in constant time, but only whole tags of 64 bytes, and half of
  // ours was never sent. So the tag is computed again and compared by `equalBytes`, whose loop has
  // no data-dependent branch. Timing could only reveal how many leading bytes of a forged tag are
  // right; with a single XOR per byte, it does not.
  const expected = await computeTag(macKey, whole, TAG_BYTES)
  if (!equalBytes(tag, expected)) throw new Error('tag')

  const algorithm = { name: 'AES-CBC', iv }
  return new Uint8Array(await crypto.subtle.decrypt(algorithm, encryptionKey, ciphertext))
}

/** An HMAC-SHA-512 key, non-extractable. */
export async function importMacKey(bytes: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', bytes, HMAC_SHA512, false, ['sign'])
}

/** The first `length` bytes of HMAC-SHA-512. */
export async function computeTag(macKey: CryptoKey, input: Bytes, length: number): Promise<Bytes> {
  // The key already determines its hash function. Passing it again would only cost a comparison.
  return new Uint8Array(await crypto.subtle.sign('HMAC', macKey, input), 0, length)
}
