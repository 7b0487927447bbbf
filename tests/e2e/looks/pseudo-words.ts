/**
 * Pseudo-languages that reveal what real ones would break: `en-XA` is a third longer and accented, `ar-XB` runs from
 * right to left. Both are generated from the compiled English words when a page is checked, and are never shipped.
 */
export const pseudoLanguages = ['en-XA', 'ar-XB'] as const
export type PseudoLanguage = (typeof pseudoLanguages)[number]

/** A message as Lingui compiles it: texts and placeholders. */
type Token = string | readonly unknown[]
export type CompiledWords = Readonly<Record<string, readonly Token[]>>

const accents: Readonly<Record<string, string>> = {
  a: 'á',
  c: 'ç',
  e: 'é',
  i: 'î',
  n: 'ñ',
  o: 'ö',
  s: 'š',
  u: 'ü',
  y: 'ý',
  A: 'Å',
  C: 'Ç',
  E: 'É',
  I: 'Î',
  N: 'Ñ',
  O: 'Ö',
  S: 'Š',
  U: 'Ü',
}

/** The marks that reverse a text: everything between them runs from right to left. */
const [TURNED, BACK] = ['\u202e', '\u202c']

/** A pattern that matches every pseudo-translated word, and no English one. */
export const pseudoMark: Readonly<Record<PseudoLanguage, RegExp>> = {
  'en-XA': /[áçéîñöšüýÅÇÉÎÑÖŠÜ~]/,
  'ar-XB': new RegExp(TURNED),
}

/** `<0>`, `</0>` and `<1/>` stand for elements. */
const tags = /(<\/?\d+\/?>)/

/** English words in a pseudo-language. */
export function inPseudo(words: CompiledWords, language: PseudoLanguage): CompiledWords {
  const entries = Object.entries(words).map(([id, tokens]) => [
    id,
    isDirection(tokens)
      ? [language === 'ar-XB' ? 'rtl' : 'ltr']
      : tokens.map((token) => translated(token, language)),
  ])
  return Object.fromEntries(entries)
}

const isDirection = (tokens: readonly Token[]) => tokens.length === 1 && tokens[0] === 'ltr'

function translated(token: Token, language: PseudoLanguage): Token {
  if (typeof token === 'string') return ofText(token, language)
  const [name, format, forms] = token
  if (typeof forms !== 'object' || forms === null) return token
  // A plural's forms, each of which is a message.
  const inForms = Object.entries(forms).map(([form, value]) => [
    form,
    Array.isArray(value)
      ? value.map((one: Token) => translated(one, language))
      : typeof value === 'string'
        ? ofText(value, language)
        : value,
  ])
  return [name, format, Object.fromEntries(inForms)]
}

function ofText(text: string, language: PseudoLanguage): string {
  return text
    .split(tags)
    .map((part) => (tags.test(part) || !/\p{L}/u.test(part) ? part : change[language](part)))
    .join('')
}

const change: Readonly<Record<PseudoLanguage, (text: string) => string>> = {
  'en-XA': (text) => lengthened(text.replaceAll(/[a-z]/gi, (letter) => accents[letter] ?? letter)),
  'ar-XB': (text) => {
    const [, before = '', words = '', after = ''] = /^(\s*)(.*?)(\s*)$/s.exec(text) ?? []
    return `${before}${TURNED}${words}${BACK}${after}`
  },
}

/** Makes a text a third longer, with letters in words that can wrap. */
function lengthened(text: string): string {
  const [, words = '', after = ''] = /^(.*?)(\s*)$/s.exec(text) ?? []
  const more = Math.ceil(words.trim().length / 3)
  const filler = '~~~~ '
    .repeat(Math.ceil(more / 5))
    .slice(0, more)
    .trimEnd()
  return `${words} ${filler}${after}`
}
