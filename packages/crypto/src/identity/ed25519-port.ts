import type { Bytes } from '../bytes.ts'
import type { SigningKey } from './signing-key.ts'

export interface SigningKeyPair {
  /** Raw, 32 bytes. */
  readonly publicKey: Bytes
  readonly privateKey: SigningKey
}

/**
 * Ed25519 (RFC 8032), provided by WebCrypto or, in browsers that lack it, by `@noble/curves`. Both
 * must pass the same tests and vectors.
 */
export interface Ed25519 {
  /** `extractable` applies to the key that is needed to use the private key. */
  generatePair(extractable: boolean): Promise<SigningKeyPair>
  /** A private key as PKCS#8 (PROTOCOL.md §2.2). */
  generateBytes(): Promise<Bytes>
  /** Imports the pair of a private key, non-extractable. Throws if the key is invalid. */
  importPair(pkcs8: Bytes): Promise<SigningKeyPair>
  sign(privateKey: SigningKey, message: Bytes): Promise<Bytes>
  /**
   * `[S]B = R + [k]A`, without the cofactor. The caller, `verifyEd25519`, has already rejected
   * wrong lengths, points of small order and non-canonical encodings. Throws or returns false if
   * the bytes are not a point.
   */
  verify(publicKey: Bytes, signature: Bytes, message: Bytes): Promise<boolean>
}
