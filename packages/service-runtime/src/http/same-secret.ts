import { createHash, timingSafeEqual } from 'node:crypto'

/**
 * Whether `given` is the secret. Takes constant time: it compares hashes, which have a fixed
 * length.
 */
export function isSameSecret(given: unknown, secret: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest()
  return typeof given === 'string' && timingSafeEqual(hash(given), hash(secret))
}
