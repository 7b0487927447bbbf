/**
 * Every reason for which this package rejects something. Callers branch on the code, never on text.
 */
export type CryptoErrorCode =
  /** A ciphertext that these keys do not open. Deliberately says nothing more. */
  | 'cannot_decrypt'
  /** A statement that is malformed or not signed by the right key. */
  | 'bad_statement'
  /** Text that is not base64url. */
  | 'bad_encoding'
  /** A public key that is malformed, of the wrong kind, or of a strength that is not allowed. */
  | 'bad_public_key'
  /** Content that may not be sent: text that is empty or too long, or too many recipients. */
  | 'bad_content'
  /** A malformed wrap. The code or password is not the problem. */
  | 'bad_wrap'
  /** Typed text that is not a recovery code: characters are missing or mistyped. */
  | 'bad_recovery_code'
  /** The key file is encrypted, and the passphrase is wrong or missing. */
  | 'wrong_passphrase'
  /** The file contains no RSA private key in a supported form. */
  | 'not_a_private_key'
  /** An RSA private key that is too short, too long, or has an unusual public exponent. */
  | 'unsupported_private_key'
  /** The account has no RSA key. */
  | 'no_rsa_key'

/** A rejection. It never contains key material, plaintext or ciphertext, not even in its cause. */
export class CryptoError extends Error {
  override readonly name: string = 'CryptoError'
  readonly code: CryptoErrorCode

  constructor(code: CryptoErrorCode) {
    super(code)
    this.code = code
  }
}

/** What a rejected key file turned out to be. */
export type KeyFileKind =
  /** It contains nothing that looks like a key. */
  | 'no_key'
  | 'too_large'
  /** It claims to contain a key, but parts of it are missing or changed. */
  | 'damaged'
  | 'public_key'
  | 'certificate'
  /** A private key for another algorithm, named by `algorithm`. */
  | 'other_algorithm'
  /** More than one RSA private key, or several keys that may be RSA; `count` says how many. */
  | 'several_keys'
  /** PKCS#8, encrypted with an unsupported scheme, named by `algorithm`. */
  | 'encryption'
  /** PKCS#1 with a passphrase: the format before PKCS#8. */
  | 'encrypted_pkcs1'
  | 'openssh'
  | 'putty'
  | 'pkcs12'
  /** Some other PEM content, named by `label`. */
  | 'other'
  /** An RSA private key whose size, `bits`, is below or above the supported range. */
  | 'too_short'
  | 'too_long'
  /** An RSA private key whose public exponent is not 65537. */
  | 'exponent'
  /** It is encrypted, and no passphrase was given. */
  | 'passphrase_missing'
  | 'passphrase_wrong'

/** What is known about a rejected key file. Contains nothing of the key itself. */
export interface KeyFileFacts {
  readonly kind: KeyFileKind
  /** The command that converts the file `key.pem` to a supported one, `sotto.pem`. */
  readonly command?: string
  readonly algorithm?: string
  readonly label?: string
  readonly bits?: number
  readonly count?: number
}

/** The rejection of a key file, with a description of the file. */
export class KeyFileError extends CryptoError {
  override readonly name = 'KeyFileError'
  readonly facts: KeyFileFacts

  constructor(facts: KeyFileFacts) {
    super(codeOf(facts.kind))
    this.facts = facts
  }
}

function codeOf(kind: KeyFileKind): CryptoErrorCode {
  switch (kind) {
    case 'passphrase_missing':
    case 'passphrase_wrong':
      return 'wrong_passphrase'
    case 'too_short':
    case 'too_long':
    case 'exponent':
      return 'unsupported_private_key'
    default:
      return 'not_a_private_key'
  }
}

/**
 * The only error of functions that open a ciphertext. If a caller could distinguish a wrong tag
 * from wrong padding, or a wrong key from a damaged message, an attacker could query repeatedly
 * until the plaintext is known.
 */
export class DecryptError extends CryptoError {
  override readonly name = 'DecryptError'

  constructor() {
    super('cannot_decrypt')
  }
}

/** Runs `open` and converts any error into `DecryptError`. */
export async function orDecryptError<T>(open: () => Promise<T>): Promise<T> {
  try {
    return await open()
  } catch {
    throw new DecryptError()
  }
}
