import emojiRegex from 'emoji-regex-xs'
import { graphemesOf } from '../../ui/graphemes.ts'

const MAX_EMOJI = 6
const FOLD_CHARS = 1500
const FOLD_LINES = 18

const onlyEmoji = new RegExp(`^(?:${emojiRegex().source}|\\s)+$`, 'u')

/** Whether a message is a few emoji and nothing else, which are shown large. */
export function isEmojiOnly(text: string): boolean {
  if (text.length > 80 || !onlyEmoji.test(text)) return false
  return graphemesOf(text.replace(/\s/g, '')).length <= MAX_EMOJI
}

/** The beginning of a long text, or null when the text is shown whole. */
export function foldedText(text: string): string | null {
  const lineEnd = endOfLine(text, FOLD_LINES)
  const end = Math.min(lineEnd, FOLD_CHARS)
  // Folding away a few words would only be in the way.
  if (text.length - end < 200 && lineEnd >= text.length) return null
  if (end >= text.length) return null
  // Half of a character may be left at the end.
  return text.slice(0, end).replace(/\p{Surrogate}$/u, '')
}

function endOfLine(text: string, line: number): number {
  let end = -1
  for (let count = 0; count < line; count++) {
    end = text.indexOf('\n', end + 1)
    if (end < 0) return text.length
  }
  return end
}
