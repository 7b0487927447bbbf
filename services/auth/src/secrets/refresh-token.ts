import { AccountId, DeviceId, LoginDevice, Moment, SessionId } from '@sotto/wire'
import { z } from 'zod'
import { newOpaqueToken, successorOf } from './opaque-token.ts'
import { makeServerText, readServerText } from './server-text.ts'

/** `SECRET.CLAIMS.MAC`. Opaque to clients. */
export type RefreshToken = string & { readonly __brand: 'RefreshToken' }

/**
 * The claims of a refresh token. They do not matter while the database knows the token; they serve
 * a database that has lost it.
 */
export const RefreshClaims = z.strictObject({
  accountId: AccountId,
  sessionId: SessionId,
  deviceId: DeviceId,
  refreshIn: LoginDevice.shape.refreshIn,
  /** How many tokens of the session preceded this one. */
  generation: z.int().nonnegative(),
  issuedAt: Moment,
})
export type RefreshClaims = z.infer<typeof RefreshClaims>

/** The first token of a session. */
export const newRefreshToken = (pepper: string, claims: RefreshClaims): RefreshToken =>
  withClaims(pepper, newOpaqueToken(), claims)

/** The token that follows `token`. The same nonce and claims always yield the same one. */
export const nextRefreshToken = (
  pepper: string,
  token: string,
  nonce: Uint8Array,
  claims: RefreshClaims,
): RefreshToken => withClaims(pepper, successorOf(token, nonce), claims)

/** The claims of a token that this server has issued; undefined for any other. */
export function readRefreshToken(pepper: string, token: string): RefreshClaims | undefined {
  const end = token.indexOf('.')
  const secret = token.slice(0, end)
  return readServerText(pepper, purposeFor(secret), token.slice(end + 1), RefreshClaims)
}

function withClaims(pepper: string, secret: string, claims: RefreshClaims): RefreshToken {
  return `${secret}.${makeServerText(pepper, purposeFor(secret), claims)}` as RefreshToken
}

/** Binds the claims to one secret. */
const purposeFor = (secret: string) => `refresh token\0${secret}`
