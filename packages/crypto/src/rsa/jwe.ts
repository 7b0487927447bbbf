import { MAX_CIPHERTEXT_CHARS } from '@sotto/wire'
import { z } from 'zod'
import { decodeBase64url, encodeBase64url } from '../base64url.ts'
import { utf8 } from '../bytes.ts'
import { MAX_RECIPIENTS } from '../content-header.ts'
import { parseStrictJson } from '../strict-json.ts'

/** The only key management algorithm and the only content encryption of protocol `rsa`. */
export const ALG = 'RSA-OAEP-256'
export const ENC = 'A256GCM'

const PROTECTED = encodeBase64url(utf8(JSON.stringify({ enc: ENC })))

const encoded = z.string().refine(isBase64url)

const Recipient = z.strictObject({
  header: z.strictObject({ alg: z.literal(ALG), kid: z.string().min(1).max(64) }),
  encrypted_key: encoded,
})

/**
 * A JWE in the general JSON serialization (RFC 7516 §7.2.1), in the only form that we accept.
 * Everything else is rejected: `unprotected`, `zip`, `crit`, other algorithms, other sizes of IV
 * and tag.
 */
const Jwe = z.strictObject({
  protected: z.literal(PROTECTED),
  recipients: z.array(Recipient).min(1).max(MAX_RECIPIENTS),
  iv: encoded.length(16), // 12 bytes
  ciphertext: encoded,
  tag: encoded.length(22), // 16 bytes
  aad: encoded.optional(),
})
export type Jwe = z.infer<typeof Jwe>

/**
 * Parses a JWE without any key. Checks the size before the form, so that a rejection is cheap.
 * Throws for anything outside protocol `rsa`.
 */
export function parseJwe(text: string): Jwe {
  if (text.length > MAX_CIPHERTEXT_CHARS) throw new RangeError('Ciphertext is too long')
  return Jwe.parse(parseStrictJson(text))
}

function isBase64url(text: string): boolean {
  try {
    decodeBase64url(text)
    return true
  } catch {
    return false
  }
}
