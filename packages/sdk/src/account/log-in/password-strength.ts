import { ZxcvbnFactory } from '@zxcvbn-ts/core'
import * as common from '@zxcvbn-ts/language-common'
import * as english from '@zxcvbn-ts/language-en'

/**
 * How many guesses a password takes. Whoever has the server's database can try passwords one by one at the
 * price of Argon2 for each, and a password opens what the recovery code opens. So a weak one is refused on
 * the device; the server never sees any.
 *
 * The dictionaries are large: whoever imports this does so when a password is chosen.
 */

/** zxcvbn's score from 0 to 4; 3 is some hundred million guesses. */
const LEAST_SCORE = 3
/** The beginning says enough of a long password, whose every part would be looked at. */
const LOOKED_AT = 64

/** A passphrase of words that nobody would guess, if it were not the example for one. */
const EXAMPLES = ['correcthorsebatterystaple', 'correct horse battery staple']

const zxcvbn = new ZxcvbnFactory({
  dictionary: { ...common.dictionary, ...english.dictionary },
  graphs: common.adjacencyGraphs,
  translations: english.translations,
  // What can be spelled in more ways than this takes long to look at, and is guessed no later.
  l33tMaxSubstitutions: 16,
})

export interface PasswordStrength {
  readonly score: 0 | 1 | 2 | 3 | 4
  readonly isEnough: boolean
  /** Why it is soon guessed, in a sentence; empty where nothing stands out. */
  readonly warning: string
}

/** `about`: what others know of the person, such as name, phone number and e-mail address. */
export function measurePassword(password: string, about: readonly string[]): PasswordStrength {
  const looked = password.normalize('NFC').slice(0, LOOKED_AT)
  const known = partsOf(about)
  const whole = zxcvbn.check(looked, [...EXAMPLES, ...known])
  const rest = withoutParts(looked, known)
  const score = rest === null ? whole.score : weaker(whole.score, zxcvbn.check(rest).score)
  const isTheirs = score < whole.score
  const warning = isTheirs ? 'Others know your name and address.' : whole.feedback.warning
  return { score, isEnough: score >= LEAST_SCORE, warning: warning ?? '' }
}

const weaker = (one: PasswordStrength['score'], other: PasswordStrength['score']) =>
  one < other ? one : other

/** What is left of a password without what others know; null if none of that is in it. */
function withoutParts(password: string, parts: readonly string[]): string | null {
  const lower = password.toLowerCase()
  const rest = parts.reduce((left, part) => left.replaceAll(part, ''), lower)
  return rest === lower ? null : rest
}

/** Each thing as a whole, and its words: the name in front of an address, the host behind it. Longest first. */
function partsOf(about: readonly string[]): string[] {
  const whole = about.map((text) => text.normalize('NFC').toLowerCase())
  const words = whole.flatMap((text) => text.split(/[^\p{L}\p{N}]+/u))
  const digits = whole.map((text) => text.replace(/\D/g, ''))
  // A number is written with and without its country.
  const ends = digits.map((number) => number.slice(-8))
  const parts = new Set([...whole, ...words, ...digits, ...ends])
  return [...parts].filter((part) => part.length > 2).sort((a, b) => b.length - a.length)
}
