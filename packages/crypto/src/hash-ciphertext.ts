import { encodeBase64url } from './base64url.ts'
import { sha256, utf8 } from './bytes.ts'

/**
 * SHA-256 of an envelope's ciphertext, base64url. Distinguishes the ciphertext that was sealed here
 * from any other under the same id.
 */
export async function hashCiphertext(ciphertext: string): Promise<string> {
  return encodeBase64url(await sha256(utf8(ciphertext)))
}
