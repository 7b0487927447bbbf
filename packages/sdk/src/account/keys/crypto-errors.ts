import { CryptoError, KeyFileError } from '@sotto/crypto'
import type { ClientErrorCode } from '../../api/error-codes.ts'
import { ClientError } from '../../api/errors.ts'

const CODES: Partial<Record<CryptoError['code'], ClientErrorCode>> = {
  wrong_passphrase: 'wrong_passphrase',
  not_a_private_key: 'not_a_private_key',
  unsupported_private_key: 'not_a_private_key',
  no_rsa_key: 'no_rsa_key',
}

/** Runs `work` and converts its refusals into client errors. */
export async function fromCrypto<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const code = error instanceof CryptoError ? CODES[error.code] : undefined
    if (!code) throw error
    throw new ClientError(code, error instanceof KeyFileError ? { ...error.facts } : undefined)
  }
}
