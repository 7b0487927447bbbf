import { encodeBase64url } from '../base64url.ts'
import type { Bytes } from '../bytes.ts'
import { sealComposite } from './a256cbc-hs512.ts'
import { AAD, HEADER } from './header.ts'
import type { PairwiseKeys } from './pairwise-keys.ts'

/**
 * Encrypts for the peer. Returns a compact JWE (RFC 7516 §7.1), which becomes the envelope's
 * ciphertext.
 */
export async function encryptEcdh(keys: PairwiseKeys, plaintext: Bytes): Promise<string> {
  const { iv, ciphertext, tag } = await sealComposite(keys.sending, AAD, plaintext)
  const parts = [iv, ciphertext, tag].map(encodeBase64url)
  // The part between header and IV is the encrypted key, which is empty for `alg: dir`.
  return `${HEADER}..${parts.join('.')}`
}
