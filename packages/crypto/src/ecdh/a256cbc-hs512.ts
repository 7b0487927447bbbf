import { type Bytes, concat, equalBytes, randomBytes } from '../bytes.ts'

/**
 * `A256CBC-HS512` (RFC 7518 §5.2.5) over WebCrypto with keys that were imported once: AES-256-CBC,
 * then HMAC-SHA-512 over everything, cut to 32 bytes.
 */

const KEY_BYTES = 32
const IV_BYTES = 16
const BLOCK_BYTES = 16
const TAG_BYTES = 32
const HMAC_SHA512 = { name: 'HMAC', hash: 'SHA-512' } as const

/** Both halves of a key, non-extractable. */
export interface CompositeKey {
  readonly macKey: CryptoKey
  readonly encryptionKey: CryptoKey
}

/** What a key may be used for: what only the other side writes, this side need not be able to. */
export type KeyUse = 'both' | 'open'

/** The parts of what was sealed, as a JWE names them. */
export interface Sealed {
  iv: Bytes
  ciphertext: Bytes
  tag: Bytes
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

/** Encrypts under a fresh random IV, then authenticates `aad`, IV and ciphertext. */
export async function sealComposite(
  key: CompositeKey,
  aad: Bytes,
  plaintext: Bytes,
): Promise<Sealed> {
  const iv = randomBytes(IV_BYTES)
  const algorithm = { name: 'AES-CBC', iv }
  const encrypted = await crypto.subtle.encrypt(algorithm, key.encryptionKey, plaintext)
  const ciphertext = new Uint8Array(encrypted)
  return { iv, ciphertext, tag: await tagOf(key, aad, iv, ciphertext) }
}

/**
 * Checks the tag, and only then decrypts: padding is not looked at before it is known who wrote it.
 * Throws for anything else than what `sealComposite` made under this key for this `aad`.
 */
export async function openComposite(key: CompositeKey, aad: Bytes, sealed: Sealed): Promise<Bytes> {
  const { iv, ciphertext, tag } = sealed
  const isWhole = ciphertext.length > 0 && ciphertext.length % BLOCK_BYTES === 0
  if (iv.length !== IV_BYTES || tag.length !== TAG_BYTES || !isWhole) throw new RangeError('parts')

  // `subtle.verify` would compare in constant time, but only whole tags of 64 bytes, and half of ours
  // was never sent. So the tag is computed again and compared by `equalBytes`, whose loop has no
  // branch that depends on the bytes. What an observer could learn from timing would be how far a
  // forged tag is right; that he cannot see through one exclusive-or per byte.
  const expected = await tagOf(key, aad, iv, ciphertext)
  if (!equalBytes(tag, expected)) throw new Error('tag')

  const algorithm = { name: 'AES-CBC', iv }
  return new Uint8Array(await crypto.subtle.decrypt(algorithm, key.encryptionKey, ciphertext))
}

async function tagOf(
  { macKey }: CompositeKey,
  aad: Bytes,
  iv: Bytes,
  ciphertext: Bytes,
): Promise<Bytes> {
  const aadBits = new Uint8Array(8)
  new DataView(aadBits.buffer).setUint32(4, aad.length * 8)
  return computeTag(macKey, concat(aad, iv, ciphertext, aadBits), TAG_BYTES)
}

/** An HMAC-SHA-512 key, non-extractable. */
export async function importMacKey(bytes: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', bytes, HMAC_SHA512, false, ['sign'])
}

/** The first `length` bytes of HMAC-SHA-512. */
export async function computeTag(macKey: CryptoKey, input: Bytes, length: number): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.sign(HMAC_SHA512, macKey, input), 0, length)
}
