import { createHmac, randomInt, timingSafeEqual } from 'node:crypto'
import { type ChallengeId, ONE_TIME_CODE_DIGITS } from '@sotto/wire'

/**
 * Generates a random code, derived from nothing: even with every secret of the server, an attacker
 * cannot predict it.
 */
export function newCode(): string {
  return String(randomInt(10 ** ONE_TIME_CODE_DIGITS)).padStart(ONE_TIME_CODE_DIGITS, '0')
}

/**
 * The stored hash of a code. A plain hash of six digits could be inverted in a second. This one
 * needs the pepper, which is not in the database, and is bound to one challenge.
 */
export function hashCode(pepper: string, challengeId: ChallengeId, code: string): Buffer {
  return createHmac('sha256', pepper).update(`one-time code\0${challengeId}\0${code}`).digest()
}

/** Whether this is the code that was sent; false while `codeHash` is null. */
export function codeMatches(
  pepper: string,
  challengeId: ChallengeId,
  code: string,
  codeHash: Uint8Array | null,
): boolean {
  return codeHash !== null && timingSafeEqual(hashCode(pepper, challengeId, code), codeHash)
}
