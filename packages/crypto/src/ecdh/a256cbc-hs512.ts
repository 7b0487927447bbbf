import { type Bytes, equalBytes } from '../bytes.ts'

/**
 * `A256CBC-HS512` (RFC 7518 §5.2.5) over WebCrypto with keys that were imported once: AES-256-CBC,
 * then HMAC-SHA-512 over everything, cut to 32 bytes.
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

/** What a key may be used for: what only the other side writes, this side need not be able to. */
export type KeyUse = 'both' | 'open'

/**
 * What the tag covers, in one piece of memory: copying parts together costs as much as a tenth of the
 * encryption of a short message. `iv` and `ciphertext` are views of `whole`, by `layOut` only.
 */
export interface Covered {
  /** The AAD, the IV, the ciphertext, and the length of the AAD in bits as a number of 64 bits. */
  readonly whole: Bytes
  readonly iv: Bytes
  readonly ciphertext: Bytes
}

export interface Sealed extends Covered {
  readonly tag: Bytes
}

/** Imports 64 bytes: first the MAC key, then the encryption key. */
export async function importCompositeKey(bytes: Bytes, use: KeyUse): Promise<CompositeKey> {
  if (bytes.length !== 2 * KEY_BYTES) throw new RangeError('an A256CBC-HS512 key has 64 bytes')
  const macBytes = bytes.subarray(0, KEY_BYTES)
  const encryptionBytes = bytes.subarray(KEY_BYTES)
  const usages: KeyUsage[] = use === 'open' ? ['decrypt'] : ['encrypt', 'decrypt']
  const [macKey, encryptionKey] = await Promise.all([
    importMacKey(macBytes),
    crypto.subtle.importKey('raw', encryptionBytes, 'AES-CBC', false, usages),
  ])
  return { macKey, encryptionKey }
}

/** Room for an IV and a ciphertext of that length, where the tag will cover them with `aad`. */
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
 * Checks the tag, and only then decrypts: padding is not looked at before it is known who wrote it.
 * Throws for anything else than what `sealComposite` made under this key.
 */
export async function openComposite(
  { macKey, encryptionKey }: CompositeKey,
  { whole, iv, ciphertext, tag }: Sealed,
): Promise<Bytes> {
  const isWhole = ciphertext.length > 0 && ciphertext.length % BLOCK_BYTES === 0
  if (tag.length !== TAG_BYTES || !isWhole) throw new RangeError('parts')

  // `subtle.verify` would compare in constant time, but only whole tags of 64 bytes, and half of ours
  // was never sent. So the tag is computed again and compared by `equalBytes`, whose loop has no
  // branch that depends on the bytes. What an observer could learn from timing would be how far a
  // forged tag is right; that he cannot see through one exclusive-or per byte.
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
  // The key knows its hash function: to name it again would only be compared.
  return new Uint8Array(await crypto.subtle.sign('HMAC', macKey, input), 0, length)
}
