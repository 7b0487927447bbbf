import { cutBefore } from '../../../ui/text/shorten.ts'
import type { Segment } from './text-segments.ts'

const FOLD_CHARS = 1500
const FOLD_LINES = 18
/** Folding away less than this would only get in the way. */
const MIN_FOLDED_CHARS = 200

/** The beginning of a long message. */
export interface Fold {
  readonly shown: readonly Segment[]
  /** The rest of the text. */
  readonly rest: string
}

/**
 * The beginning of a long message, or null if it is shown whole. Segments come from the whole text, so no link is cut,
 * except one at the very start of the message, which still leads to its full address.
 */
export function fold(text: string, segments: readonly Segment[]): Fold | null {
  const wanted = foldAt(text)
  if (wanted === null) return null
  const shown: Segment[] = []
  let end = 0
  for (const segment of segments) {
    const room = wanted - end
    const isCut = segment.text.length > room
    if (room <= 0 || (isCut && segment.kind === 'link' && end > 0)) break
    const part = isCut ? segment.text.slice(0, room) : segment.text
    shown.push({ ...segment, text: part })
    end += part.length
  }
  return { shown, rest: text.slice(end) }
}

function foldAt(text: string): number | null {
  const lineEnd = endOfLine(text, FOLD_LINES)
  const end = Math.min(lineEnd, FOLD_CHARS)
  if (end >= text.length) return null
  if (text.length - end < MIN_FOLDED_CHARS && lineEnd >= text.length) return null
  return cutBefore(text, end)
}

function endOfLine(text: string, line: number): number {
  let end = -1
  for (let count = 0; count < line; count++) {
    end = text.indexOf('\n', end + 1)
    if (end < 0) return text.length
  }
  return end
}
