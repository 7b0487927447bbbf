import { comparedName } from '@sotto/wire'
import { CONFUSABLES } from './confusables.ts'

/**
 * Detects confusable names with Unicode's table (UTS #39 §4). This is a separate chunk, because the table is needed
 * only if there are people to mix up.
 */

const prototypes = readTable(CONFUSABLES)

function readTable(table: string): Map<string, string> {
  const read = new Map<string, string>()
  const numbers = (text: string, separator: string) =>
    text.split(separator).map((number) => Number.parseInt(number, 36))
  for (const entry of table.replace(/\s/g, '').split(';')) {
    const [target = '', sources = ''] = entry.split(':')
    const prototype = String.fromCodePoint(...numbers(target, '.'))
    let source = 0
    for (const distance of numbers(sources, ',')) {
      source += distance
      read.set(String.fromCodePoint(source), prototype)
    }
  }
  return read
}

/** The form shared by all texts that look the same. For comparison only, never for display. */
function skeletonOf(text: string): string {
  const decomposed = text.normalize('NFD')
  return [...decomposed].map((character) => prototypes.get(character) ?? character).join('')
}

/** Accents, blanks, punctuation and emoji don't make a name different. */
const lettersIn = (text: string) =>
  text.normalize('NFD').replace(/\p{sc=Inherited}|[^\p{L}\p{M}\p{N}]/gu, '')

/**
 * The looks of a name: two names are alike if they share one. A capital may look like another letter's lowercase form
 * (`I` and `l`), while readers also equate it with its own.
 */
export function looksOf(name: string): readonly string[] {
  const looks = [skeletonOf(name).toLowerCase(), skeletonOf(name.toLowerCase())].map(lettersIn)
  const kept = [...new Set(looks)].filter((look) => look !== '')
  return kept.length > 0 ? kept : [comparedName(name)]
}
