import { comparedName } from '@sotto/wire'
import { CONFUSABLES } from './confusables.ts'

/**
 * Names that can be taken for one another, by Unicode's table of look-alikes (UTS #39 §4). A chunk apart:
 * the table is read when somebody is there to be mistaken for.
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

/** What all texts of the same look have in common. It is for comparing only, never to be shown. */
function skeletonOf(text: string): string {
  const decomposed = text.normalize('NFD')
  return [...decomposed].map((character) => prototypes.get(character) ?? character).join('')
}

/** Accents, blanks, punctuation and emoji make no other person of a name. */
const lettersIn = (text: string) =>
  text.normalize('NFD').replace(/\p{sc=Inherited}|[^\p{L}\p{M}\p{N}]/gu, '')

/**
 * The looks of a name: two names are alike when they share one. A capital letter may look like a small one of
 * another kind (`I` and `l`), and like its own small one to nobody but a reader.
 */
export function looksOf(name: string): readonly string[] {
  const looks = [skeletonOf(name).toLowerCase(), skeletonOf(name.toLowerCase())].map(lettersIn)
  const kept = [...new Set(looks)].filter((look) => look !== '')
  return kept.length > 0 ? kept : [comparedName(name)]
}
