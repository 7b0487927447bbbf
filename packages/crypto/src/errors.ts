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

/** What somebody chose as a key file, where it is not one that is read. */
export type KeyFileKind =
  /** Nothing in it looks like a key. */
  | 'no_key'
  | 'too_large'
  /** It says that it holds a key, and parts of it are missing or changed. */
  | 'damaged'
  | 'public_key'
  | 'certificate'
  /** A private key of another algorithm, which `algorithm` names. */
  | 'other_algorithm'
  /** More than one RSA private key, or keys that may be ones; `count` says how many. */
  | 'several_keys'
  /** PKCS#8, encrypted in a way that `algorithm` names. */
  | 'encryption'
  /** PKCS#1 with a passphrase: the form before PKCS#8. */
  | 'encrypted_pkcs1'
  | 'openssh'
  | 'putty'
  | 'pkcs12'
  /** Something else that is kept as PEM: `label` says what. */
  | 'other'
  /** An RSA private key of `bits`, fewer or more than are used here. */
  | 'too_short'
  | 'too_long'
  /** An RSA private key whose public exponent is not 65537. */
  | 'exponent'
  /** It is encrypted, and no passphrase was given. */
  | 'passphrase_missing'
  | 'passphrase_wrong'

/** What is known of a refused key file: nothing of the key itself. */
export interface KeyFileFacts {
  readonly kind: KeyFileKind
  /** What makes a file of `key.pem` that is read, `sotto.pem`. */
  readonly command?: string
  readonly algorithm?: string
  readonly label?: string
  readonly bits?: number
  readonly count?: number
}

/** A refusal of a key file, which says what the file is. */
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
