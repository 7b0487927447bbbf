import type { Bytes } from '../bytes.ts'
import type { SigningKey } from './signing-key.ts'

export interface SigningKeyPair {
  /** Raw, 32 bytes. */
  readonly publicKey: Bytes
  readonly privateKey: SigningKey
}

/**
 * Ed25519 (RFC 8032): by WebCrypto, or by `@noble/curves` where a browser has none. The same tests and
 * vectors hold for both.
 */
export interface Ed25519 {
  /** `extractable` is said of what the private half needs to be used. */
  generatePair(extractable: boolean): Promise<SigningKeyPair>
  /** A private key as PKCS#8 (PROTOCOL.md §2.2). */
  generateBytes(): Promise<Bytes>
  /** The pair of a private key, which cannot be exported again. Throws for what is none. */
  importPair(pkcs8: Bytes): Promise<SigningKeyPair>
  sign(privateKey: SigningKey, message: Bytes): Promise<Bytes>
  /**
   * `[S]B = R + [k]A`, without the cofactor. Of lengths, small orders and encodings only what
   * `verifyEd25519` has let through; throws or is false for what is no point.
   */
  verify(publicKey: Bytes, signature: Bytes, message: Bytes): Promise<boolean>
}
