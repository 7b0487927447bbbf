// Some supported browsers lack it; without it, a character is a code point.
const segmenter = 'Segmenter' in Intl ? new Intl.Segmenter() : null

/** The characters of `text` as people perceive them. */
export const graphemesOf = (text: string): string[] =>
  segmenter ? Array.from(segmenter.segment(text), ({ segment }) => segment) : [...text]
