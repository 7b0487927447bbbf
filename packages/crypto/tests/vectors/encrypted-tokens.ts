import { decodeBase64url } from '../../src/base64url.ts'
import { type Bytes, equalBytes } from '../../src/bytes.ts'
import { decryptEcdh } from '../../src/ecdh/decrypt.ts'
import { HEADER } from '../../src/ecdh/header.ts'
import { DecryptError } from '../../src/errors.ts'
import { decryptRsa } from '../../src/rsa/decrypt.ts'
import { parseJwe } from '../../src/rsa/jwe.ts'
import { type Jwk, openingKeys } from './jwk-keys.ts'
import { isRefused } from './suite.ts'

/** Why a JWE that is valid by the standard must not open here. */
export const OUTSIDE_THE_PROTOCOLS =
  'valid by the standard, but not in the form of protocol ecdh or rsa: must be rejected, and is'

/** Whether a JWE has the form of one of our protocols, regardless of its content. */
export function isOurForm(token: string): boolean {
  if (token.startsWith(`${HEADER}..`)) return true
  try {
    return parseJwe(token).recipients.length > 0
  } catch {
    return false
  }
}

/**
 * Whether both protocols treat `token` as they must: one of them opens it to `expected` or, if that
 * is null, both reject it with their only error.
 */
export async function checkEncrypted(
  jwks: readonly Jwk[],
  token: string,
  expected: Bytes | null,
): Promise<boolean> {
  const { pairwise, rsa } = await openingKeys(jwks)
  const openers = [
    () => decryptEcdh(pairwise, token),
    async () => (await decryptRsa(rsa, token, additionalDataIn(token))).plaintext,
  ]
  if (expected === null) {
    const refusals = await Promise.all(openers.map((open) => isRefused(open, DecryptError)))
    return refusals.every((refused) => refused)
  }
  const opened = await Promise.allSettled(openers.map((open) => open()))
  return opened.some(({ status, ...rest }) => {
    return status === 'fulfilled' && 'value' in rest && equalBytes(rest.value, expected)
  })
}

/** These sets do not specify the expected additional data, so the token's own is used. */
function additionalDataIn(token: string): Bytes | undefined {
  const aad = /"aad":\s*"([\w-]*)"/.exec(token)?.[1]
  return aad === undefined ? undefined : decodeBase64url(aad)
}
