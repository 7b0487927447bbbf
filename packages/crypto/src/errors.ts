/** Every way in which this package refuses something. Callers branch on it, never on a text. */
export type CryptoErrorCode =
  /** A ciphertext that these keys do not open. Says nothing more, on purpose. */
  | 'cannot_decrypt'
  /** A statement that is malformed or not signed by the right key. */
  | 'bad_statement'
  /** Text that is not base64url. */
  | 'bad_encoding'
  /** A public key that is malformed, of another kind, or of a strength that is not allowed. */
  | 'bad_public_key'
  /** Content that may not be sent: empty or too long text, too many recipients. */
  | 'bad_content'
  /** A malformed wrap. The code or password is not at fault. */
  | 'bad_wrap'
  /** Typed text that is not a recovery code: something is missing or mistyped. */
  | 'bad_recovery_code'
  /** The key file is encrypted, and not with this passphrase, or none was given. */
  | 'wrong_passphrase'
  /** The file holds no RSA private key in a form we read. */
  | 'not_a_private_key'
  /** An RSA private key, but too short, too long, or with an unusual public exponent. */
  | 'unsupported_private_key'
  /** The account has no RSA key. */
  | 'no_rsa_key'

/** A refusal. It never holds key material, plaintext or ciphertext, not even as its cause. */
export class CryptoError extends Error {
  override readonly name: string = 'CryptoError'
  readonly code: CryptoErrorCode

  constructor(code: CryptoErrorCode) {
    super(code)
    this.code = code
  }
}

/**
 * The one error of everything that opens a ciphertext. A caller who could tell a wrong tag from wrong
 * padding, or a wrong key from a damaged message, could ask until he knows the plaintext.
 */
export class DecryptError extends CryptoError {
  override readonly name = 'DecryptError'

  constructor() {
    super('cannot_decrypt')
  }
}

/** Runs `open` and turns whatever it throws into the one `DecryptError`. */
export async function orDecryptError<T>(open: () => Promise<T>): Promise<T> {
  try {
    return await open()
  } catch {
    throw new DecryptError()
  }
}
