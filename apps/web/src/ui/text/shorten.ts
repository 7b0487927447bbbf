import { graphemesOf } from './graphemes.ts'

/** A visible character is shorter than this; anything longer may be cut. */
const LONG_CHARACTER = 100

/** The last position up to `at` where `text` can be cut without splitting a character. */
export function cutBefore(text: string, at: number): number {
  if (at >= text.length) return text.length
  let end = 0
  for (const { length } of graphemesOf(text.slice(0, at + LONG_CHARACTER))) {
    if (end + length > at) break
    end += length
  }
  if (end > at - LONG_CHARACTER) return end
  return /[\ud800-\udbff]/.test(text.charAt(at - 1)) ? at - 1 : at
}

/** The beginning of a text, for a place with room for `maxChars`. For display only. */
export const shorten = (text: string, maxChars: number): string =>
  text.slice(0, cutBefore(text, maxChars))
