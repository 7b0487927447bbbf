import { generalDecrypt } from 'jose'
import { encodeBase64url } from '../base64url.ts'
import type { Bytes } from '../bytes.ts'
import { DecryptError, orDecryptError } from '../errors.ts'
import { ALG, ENC, parseJwe } from './jwe.ts'
import type { RsaKeyPair } from './key-pair.ts'

/** The plaintext of a JWE, and the keys that it was encrypted to. */
export interface OpenedRsa {
  plaintext: Bytes
  /** The `kid`s in the order of the JWE. */
  recipients: string[]
}

/**
 * Opens a JWE with the one of `keys` that it names. Its additional data must equal
 * `additionalData`. Throws `DecryptError`, the same for every cause.
 *
 * The library would try all recipients until one of them works. That costs an RSA operation for
 * each, and it accepts swapped entries. So the library gets only one entry.
 */
export async function decryptRsa(
  keys: readonly RsaKeyPair[],
  jwe: string,
  additionalData?: Bytes,
): Promise<OpenedRsa> {
  return orDecryptError(async () => {
    const parsed = parseJwe(jwe)
    if (parsed.aad !== (additionalData && encodeBase64url(additionalData))) throw new DecryptError()
    const own = parsed.recipients.filter(({ header }) => keys.some(({ kid }) => kid === header.kid))
    const [recipient, ...more] = own
    const key = keys.find(({ kid }) => kid === recipient?.header.kid)
    if (!recipient || !key || more.length > 0) throw new DecryptError()

    const { aad, ...shared } = parsed
    const single = { ...shared, ...(aad !== undefined && { aad }), recipients: [recipient] }
    const { plaintext } = await generalDecrypt(single, key.privateKey, {
      keyManagementAlgorithms: [ALG],
      contentEncryptionAlgorithms: [ENC],
    })
    return {
      plaintext: new Uint8Array(plaintext),
      recipients: parsed.recipients.map(({ header }) => header.kid),
    }
  })
}

/** The `kid`s that a JWE names, without opening it. Throws `DecryptError` if it is malformed. */
export function recipientsOfRsa(jwe: string): string[] {
  try {
    return parseJwe(jwe).recipients.map(({ header }) => header.kid)
  } catch {
    throw new DecryptError()
  }
}
