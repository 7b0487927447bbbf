import { createHash, createHmac, randomBytes } from 'node:crypto'

/** A secret of 32 bytes as base64url that only its holder knows: a refresh token or a ticket. */
export type OpaqueToken = string & { readonly __brand: 'OpaqueToken' }

export const newOpaqueToken = (): OpaqueToken =>
  randomBytes(32).toString('base64url') as OpaqueToken

/** The stored hash of a token. Tokens cannot be guessed, so a plain hash is enough. */
export const hashOfToken = (token: string): Buffer => createHash('sha256').update(token).digest()

export const newSuccessorNonce = (): Buffer => randomBytes(32)

/**
 * The token that follows `token`. Together with the nonce in the database, the holder of the old
 * token always gets the same successor; the database alone yields none.
 */
export function successorOf(token: string, nonce: Uint8Array): OpaqueToken {
  return createHmac('sha256', token).update(nonce).digest('base64url') as OpaqueToken
}
