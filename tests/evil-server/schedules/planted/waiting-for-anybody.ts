/**
 * The planted bug: a message that is waiting when another of our devices accepts a new key doesn't fail, and is sealed
 * for that key after the next log-in.
 */
export function isWrittenTo(): boolean {
  return true
}
