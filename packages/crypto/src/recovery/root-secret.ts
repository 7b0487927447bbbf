import { type Bytes, randomBytes } from '../bytes.ts'

const ROOT_SECRET_BYTES = 32

let bytesIn: (secret: RootSecret) => Bytes

/**
 * The account's one secret, from which everything recoverable is opened. Keep it only while something
 * is sealed or wrapped; at rest it lies in a device's vault. Prints as its type name; cannot be cloned.
 */
export class RootSecret {
  readonly #bytes: Bytes

  static {
    bytesIn = (secret) => secret.#bytes
  }

  constructor(bytes: Bytes) {
    if (bytes.length !== ROOT_SECRET_BYTES) throw new RangeError('a root secret has 32 bytes')
    this.#bytes = bytes.slice()
  }

  toJSON(): string {
    return 'RootSecret'
  }
}

/** A new one, for a new account or after the old one may have become known. */
export function generateRootSecret(): RootSecret {
  return new RootSecret(randomBytes(ROOT_SECRET_BYTES))
}

/** Inside this package only. */
export function bytesOf(secret: RootSecret): Bytes {
  return bytesIn(secret)
}
