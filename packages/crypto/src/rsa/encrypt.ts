import { GeneralEncrypt } from 'jose'
import type { Bytes } from '../bytes.ts'
import { MAX_RECIPIENTS } from '../content-header.ts'
import { CryptoError } from '../errors.ts'
import { ALG, ENC } from './jwe.ts'
import type { RsaPublicKey } from './key-pair.ts'

/**
 * Encrypts under a fresh content key and wraps that key for each recipient, in order. Returns a JWE
 * in the general JSON serialization. `additionalData` is authenticated with it.
 */
export async function encryptRsa(
  plaintext: Bytes,
  recipients: readonly RsaPublicKey[],
  additionalData?: Bytes,
): Promise<string> {
  const kids = new Set(recipients.map(({ kid }) => kid))
  if (kids.size === 0 || kids.size > MAX_RECIPIENTS || kids.size !== recipients.length) {
    throw new CryptoError('bad_content')
  }
  const jwe = new GeneralEncrypt(plaintext).setProtectedHeader({ enc: ENC })
  if (additionalData) jwe.setAdditionalAuthenticatedData(additionalData)
  for (const { kid, publicKey } of recipients) {
    jwe.addRecipient(publicKey).setUnprotectedHeader({ alg: ALG, kid })
  }
  return JSON.stringify(await jwe.encrypt())
}
