import { encodeBase64url } from '../base64url.ts'
import { utf8 } from '../bytes.ts'

/** The only protected header of protocol `ecdh`, as the JWE contains it. */
export const HEADER = encodeBase64url(utf8('{"alg":"dir","enc":"A256CBC-HS512"}'))

/** The same header as the tag covers it (RFC 7516 §5.1, step 14). */
export const AAD = utf8(HEADER)
