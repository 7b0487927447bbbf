import { createHmac, timingSafeEqual } from 'node:crypto'
import { type ChallengeId, ONE_TIME_CODE_DIGITS } from '@sotto/wire'

/**
 * The code of a challenge, whose id is random. It is made when it is sent, as often as that is tried,
 * so that it lies nowhere in between: whoever reads a queue or the database finds the id, and without
 * the pepper that tells nothing. Every one of the million codes is equally likely: 256 bits modulo a
 * million are uneven by less than 2^-236.
 */
export function codeOf(pepper: string, challengeId: ChallengeId): string {
  const bits = createHmac('sha256', pepper).update(`one-time code to send\0${challengeId}`)
  const number = BigInt(`0x${bits.digest('hex')}`) % 10n ** BigInt(ONE_TIME_CODE_DIGITS)
  return String(number).padStart(ONE_TIME_CODE_DIGITS, '0')
}

/**
 * What the database keeps of a code. A plain hash of six digits is undone in a second: this one needs
 * the pepper, which is not in the database, and belongs to one challenge.
 */
export function hashCode(pepper: string, challengeId: ChallengeId, code: string): Buffer {
  return createHmac('sha256', pepper).update(`one-time code\0${challengeId}\0${code}`).digest()
}

export function codeMatches(
  pepper: string,
  challengeId: ChallengeId,
  code: string,
  codeHash: Uint8Array,
): boolean {
  return timingSafeEqual(hashCode(pepper, challengeId, code), codeHash)
}
