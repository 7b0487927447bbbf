import { encodeBase64url } from '../base64url.ts'
import { utf8 } from '../bytes.ts'

/** The one protected header of protocol `ecdh`, as it stands in the JWE. */
export const HEADER = encodeBase64url(utf8('{"alg":"dir","enc":"A256CBC-HS512"}'))

/** The same as the tag covers it (RFC 7516 §5.1, step 14). */
export const AAD = utf8(HEADER)
