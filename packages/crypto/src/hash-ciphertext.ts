import { encodeBase64url } from './base64url.ts'
import { sha256, utf8 } from './bytes.ts'

/**
 * SHA-256 of an envelope's ciphertext, base64url: tells what was sealed here from everything else that
 * comes under its id.
 */
export async function hashCiphertext(ciphertext: string): Promise<string> {
  return encodeBase64url(await sha256(utf8(ciphertext)))
}
