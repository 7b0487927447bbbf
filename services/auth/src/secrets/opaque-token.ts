import { createHash, createHmac, randomBytes } from 'node:crypto'

/** A secret of 32 bytes as base64url, known to its holder only: a refresh token or a ticket. */
export type OpaqueToken = string & { readonly __brand: 'OpaqueToken' }

export const newOpaqueToken = (): OpaqueToken =>
  randomBytes(32).toString('base64url') as OpaqueToken

/** What the database keeps of it. There is nothing to guess, so a plain hash will do. */
export const hashOfToken = (token: string): Buffer => createHash('sha256').update(token).digest()

export const newSuccessorNonce = (): Buffer => randomBytes(32)

/**
 * The token that follows `token`. With the nonce in the database, whoever holds the old token gets
 * the same successor again, and the database alone gives none.
 */
export function successorOf(token: string, nonce: Uint8Array): OpaqueToken {
  return createHmac('sha256', token).update(nonce).digest('base64url') as OpaqueToken
}
