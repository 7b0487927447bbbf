import { MAX_CIPHERTEXT_CHARS } from '@sotto/wire'
import { byteLengthOf, decodeBase64url, decodeBase64urlInto } from '../base64url.ts'
import type { Bytes } from '../bytes.ts'
import { orDecryptError } from '../errors.ts'
import { layOut, openComposite } from './a256cbc-hs512.ts'
import { AAD, HEADER } from './header.ts'
import type { PairwiseKey } from './pairwise-keys.ts'

/**
 * Opens a compact JWE with the key for its direction. Throws `DecryptError`, the same for every
 * cause.
 *
 * The header is compared and never parsed. Only one header is accepted, so nothing in a message can
 * choose an algorithm, request decompression or name a critical extension.
 */
export async function decryptEcdh(key: PairwiseKey, jwe: string): Promise<Bytes> {
  return orDecryptError(async () => {
    if (jwe.length > MAX_CIPHERTEXT_CHARS) throw new RangeError('Ciphertext is too long')
    const [header, encryptedKey, iv, ciphertext, tag, ...more] = jwe.split('.')
    if (header !== HEADER || encryptedKey !== '' || more.length > 0) throw new Error('header')
    if (iv === undefined || ciphertext === undefined || tag === undefined) throw new Error('parts')

    const covered = layOut(AAD, byteLengthOf(ciphertext))
    decodeBase64urlInto(covered.iv, iv)
    decodeBase64urlInto(covered.ciphertext, ciphertext)
    return openComposite(key, { ...covered, tag: decodeBase64url(tag) })
  })
}
