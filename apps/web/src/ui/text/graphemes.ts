// Not in all browsers that Sotto runs in: without it a character is a code point.
const segmenter = 'Segmenter' in Intl ? new Intl.Segmenter() : null

/** What a person would call the characters of `text`. */
export const graphemesOf = (text: string): string[] =>
  segmenter ? Array.from(segmenter.segment(text), ({ segment }) => segment) : [...text]
