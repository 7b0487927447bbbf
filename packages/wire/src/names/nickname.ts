import { MAX_NAME_CHARS } from '../limits.ts'
import { hasBadge, withoutBadges } from './badges.ts'
import { DISALLOWED, MEANT_UNSEEN, UNSEEN } from './code-points.ts'

/**
 * Valid names: the Nickname profile of PRECIS (RFC 8266), with multi-part emoji and without badges.
 * The same functions run on the device that signs a name, on the server that stores it, and on the
 * devices that display it (PROTOCOL.md §3.1.1).
 */

/** Why a name is not allowed. */
export type NameProblem = 'name_empty' | 'name_too_long' | 'name_characters' | 'name_badge'

const UNSEEN_PARTS = new RegExp(`(${MEANT_UNSEEN})|${UNSEEN}`, 'gu')
const FORBIDDEN = new RegExp(`[${DISALLOWED}]`, 'u')
const FORBIDDEN_PARTS = new RegExp(`(${MEANT_UNSEEN})|[${DISALLOWED}]`, 'gu')
const MEANT_PARTS = new RegExp(MEANT_UNSEEN, 'gu')
const UNASSIGNED = /(?!\p{Noncharacter_Code_Point})\p{Cn}/u
const ONLY_MARKS = /^[\p{M}\p{Z}]*$/u

/** The most marks that one letter may carry. More would cover the lines above and below. */
const STACK = /(\p{M}{4})\p{M}+/gu
const LOOSE_MARKS = /^\p{M}+/u

const MOST_ROUNDS = 4

/**
 * The form in which a name is signed: with normalized spaces and compatibility characters, and
 * without invisible ones.
 */
export function tidyName(name: string): string {
  let tidy = name
  // RFC 8266 §2.3: repeat until nothing changes. A name that stabilizes at all does so within two
  // rounds.
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const before = tidy
    tidy = tidyOnce(tidy)
    if (tidy === before) break
  }
  return tidy
}

function tidyOnce(name: string): string {
  return (
    withoutUnseen(name)
      // People type a stand-alone accent as an apostrophe. NFKC would turn it into a space.
      .replaceAll('\u00b4', '\u2019')
      .normalize('NFKC')
      .replace(/\p{Zs}+/gu, ' ')
      .replace(/^ | $/g, '')
  )
}

/**
 * The problem with a name in its tidy form; undefined if it may be signed. A code point that this
 * platform does not know is rejected only where a name is chosen. Servers and readers accept it,
 * because the device that signed it may know a later Unicode version.
 */
export function nameProblem(name: string): NameProblem | undefined {
  if (UNASSIGNED.test(name.replace(MEANT_PARTS, ''))) return 'name_characters'
  return problemIn(name)
}

/** Whether a name is in its tidy form and contains nothing forbidden. */
export const isNickname = (name: string): boolean =>
  tidyName(name) === name && problemIn(name) === undefined

/**
 * Whether a server stores a signed name: it contains nothing invisible and nothing forbidden. A
 * name that is not in its tidy form is no reason to reject a record, because every reader
 * normalizes it.
 */
export const isStorableName = (name: string): boolean =>
  withoutUnseen(name) === name && problemIn(tidyName(name)) === undefined

const withoutUnseen = (name: string) =>
  name.replace(UNSEEN_PARTS, (_, meant?: string) => meant ?? '')

function problemIn(name: string): NameProblem | undefined {
  if (ONLY_MARKS.test(name)) return 'name_empty'
  if (name.length > MAX_NAME_CHARS) return 'name_too_long'
  if (hasBadge(name)) return 'name_badge'
  const seen = name.replace(MEANT_PARTS, '')
  const isAllowed = !FORBIDDEN.test(seen) && isInContext(seen) && isStacked(name)
  return isAllowed ? undefined : 'name_characters'
}

const isStacked = (name: string) => !LOOSE_MARKS.test(name) && name.replace(STACK, '$1') === name

const KANA_OR_HAN = /[\p{sc=Hira}\p{sc=Kana}\p{sc=Han}]/u

/**
 * RFC 5892 A.3 to A.9: punctuation that is valid only beside certain letters, and digits of a
 * single kind.
 */
function isInContext(name: string): boolean {
  return (
    !/(?<!l)\u00b7|\u00b7(?!l)/iu.test(name) &&
    !/\u0375(?!\p{sc=Grek})/u.test(name) &&
    !/(?<!\p{sc=Hebr})[\u05f3\u05f4]/u.test(name) &&
    (!name.includes('\u30fb') || KANA_OR_HAN.test(name.replaceAll('\u30fb', ''))) &&
    !(/[\u0660-\u0669]/u.test(name) && /[\u06f0-\u06f9]/u.test(name))
  )
}

/** The form in which two names that read the same are equal: RFC 8266 §2.4. */
export const comparedName = (name: string): string => tidyName(tidyName(name).toLowerCase())

/**
 * A name that is safe to display, whoever signed it and whichever rules applied then: it contains
 * nothing that is forbidden in a new name. It is never empty, and it may be signed again.
 */
export function shownName(name: string): string {
  if (isNickname(name)) return name
  const safe = tidyName(name)
    .replace(FORBIDDEN_PARTS, (_, meant?: string) => meant ?? '')
    .replace(STACK, '$1')
  const shown = shortened(withoutBadges(safe))
  const letters = shortened(shown.replace(/[^\p{L}\p{M}\p{N} ]/gu, ''))
  return [shown, letters].find(isNickname) ?? 'No name'
}

/** The longest prefix of whole code points that fits into a name. */
function shortened(name: string): string {
  let kept = ''
  for (const character of tidyName(name).replace(LOOSE_MARKS, '')) {
    if (kept.length + character.length > MAX_NAME_CHARS) break
    kept += character
  }
  return tidyName(kept)
}
