import { type Bytes, randomBytes } from '../bytes.ts'

const ROOT_SECRET_BYTES = 32

let bytesIn: (secret: RootSecret) => Bytes

/**
 * The account's single secret, which opens everything recoverable. Hold it only while something is
 * sealed or wrapped; the device's vault stores it at rest. Prints as its type name; cannot be
 * cloned.
 */
export class RootSecret {
  readonly #bytes: Bytes

  static {
    bytesIn = (secret) => secret.#bytes
  }

  constructor(bytes: Bytes) {
    if (bytes.length !== ROOT_SECRET_BYTES) throw new RangeError('A root secret must have 32 bytes')
    this.#bytes = bytes.slice()
  }

  toJSON(): string {
    return 'RootSecret'
  }
}

/** Creates a root secret, for a new account or because the old one may have leaked. */
export function generateRootSecret(): RootSecret {
  return new RootSecret(randomBytes(ROOT_SECRET_BYTES))
}

/** For use inside this package only. */
export function bytesOf(secret: RootSecret): Bytes {
  return bytesIn(secret)
}
