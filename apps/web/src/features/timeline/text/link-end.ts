/**
 * Finds where a link ends in running text, by the rules of UTS #58 (Unicode Linkification), with one addition: Chinese
 * and Japanese don't use spaces, so their punctuation ends a link immediately.
 */

// Spaces, control characters, invisible and direction-changing characters; long dashes, which separate clauses; angle
// brackets and quotes as in RFC 3986.
const NEVER_INSIDE =
  /[\p{White_Space}\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}\p{Bidi_Control}\u00ad\u200b\u2014\u2015\u2060\ufeff<>"`]/u
/** East Asian forms. The middle dot in names (U+30FB) is not among them. */
const WIDE = /(?=[\u3001-\u303f\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff64])[\p{Po}\p{Ps}\p{Pe}]/u
/** Part of a link only if link characters follow: full stops, commas, apostrophes of all scripts. */
const INSIDE_ONLY = /[\p{Terminal_Punctuation}\p{Sentence_Terminal}'\u2018\u2019\u201b\u2026]/u
const OPENING = /[\p{Ps}\p{Pi}]/u
const CLOSING = /[\p{Pe}\p{Pf}]/u

/** The closing half of pairs that aren't neighbors in Unicode. */
const CLOSING_OF = new Map([
  ['[', ']'],
  ['{', '}'],
  ['«', '»'],
])

/** The end of the link whose path, query or fragment begins at `start`. */
export function linkEnd(text: string, start: number): number {
  const awaited: string[] = []
  let end = start
  for (let at = start; at < text.length; ) {
    const character = String.fromCodePoint(text.codePointAt(at) ?? 0)
    at += character.length
    if (NEVER_INSIDE.test(character) || WIDE.test(character)) break
    if (INSIDE_ONLY.test(character)) continue
    if (OPENING.test(character)) {
      awaited.push(closingOf(character))
      continue
    }
    // This bracket's opening half precedes the link.
    if (CLOSING.test(character) && awaited.pop() !== character) break
    end = at
  }
  return end
}

const closingOf = (opening: string): string =>
  CLOSING_OF.get(opening) ?? String.fromCodePoint((opening.codePointAt(0) ?? 0) + 1)
