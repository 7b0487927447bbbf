import emojiRegex from 'emoji-regex-xs'
import { graphemesOf } from '../../../ui/text/graphemes.ts'

const MAX_EMOJI = 6

const onlyEmoji = new RegExp(`^(?:${emojiRegex().source}|\\s)+$`, 'u')

/** Whether a message consists of only a few emoji, which are shown large. */
export function isEmojiOnly(text: string): boolean {
  if (text.length > 80 || !onlyEmoji.test(text)) return false
  return graphemesOf(text.replace(/\s/g, '')).length <= MAX_EMOJI
}
