import { DomainError, verifyClaims } from '@sotto/service-runtime'
import type { JSONWebKeySet } from 'jose'
import type { Jwk } from './jwk-keys.ts'
import { isRefused } from './suite.ts'

/** Why a JWS that is valid by the standard must not pass here. */
export const NOT_AN_ACCESS_TOKEN =
  'valid by the standard, but not one of our access tokens (typ, claims, algorithm): must be rejected, and is'

/** The policy for access tokens in `jose-fresh.json`; the same for all other files. */
const policy = {
  issuer: 'https://auth.chat.test',
  audience: 'chat',
  now: 1_900_000_000_000,
}

/** Whether the services' verifier rejects `token`. */
export async function isRefusedAsAccessToken(
  jwks: readonly Jwk[],
  token: unknown,
): Promise<boolean> {
  const keys = { keys: jwks } as JSONWebKeySet
  return isRefused(() => verifyClaims(token, { ...policy, keys }), DomainError)
}
