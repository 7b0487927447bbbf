import { createHmac, randomInt, timingSafeEqual } from 'node:crypto'
import { type ChallengeId, ONE_TIME_CODE_DIGITS } from '@sotto/wire'

/** A code that follows from nothing: whoever holds every secret of the server cannot foresee it. */
export function newCode(): string {
  return String(randomInt(10 ** ONE_TIME_CODE_DIGITS)).padStart(ONE_TIME_CODE_DIGITS, '0')
}

/**
 * What the database keeps of a code. A plain hash of six digits is undone in a second: this one needs
 * the pepper, which is not in the database, and belongs to one challenge.
 */
export function hashCode(pepper: string, challengeId: ChallengeId, code: string): Buffer {
  return createHmac('sha256', pepper).update(`one-time code\0${challengeId}\0${code}`).digest()
}

/** Whether it is the code that was sent; none is while `codeHash` is null. */
export function codeMatches(
  pepper: string,
  challengeId: ChallengeId,
  code: string,
  codeHash: Uint8Array | null,
): boolean {
  return codeHash !== null && timingSafeEqual(hashCode(pepper, challengeId, code), codeHash)
}
