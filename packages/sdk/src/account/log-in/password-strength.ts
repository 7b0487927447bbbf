import { ZxcvbnFactory } from '@zxcvbn-ts/core'
import * as common from '@zxcvbn-ts/language-common'
import * as english from '@zxcvbn-ts/language-en'

/**
 * Estimates how many guesses a password withstands. An attacker who has the server's database can try passwords at the
 * cost of one Argon2 run each, and a password opens everything that the recovery code opens. So weak ones are rejected
 * on the device; the server never sees any.
 *
 * The dictionaries are large, so import this module only when a password is being chosen.
 */

/** zxcvbn's score from 0 to 4; 3 is some hundred million guesses. */
const LEAST_SCORE = 3
/** The beginning of a long password says enough, and checking all of it would be slow. */
const LOOKED_AT = 64

/** Passphrases that would be strong if they were not famous examples. */
const EXAMPLES = ['correcthorsebatterystaple', 'correct horse battery staple']

const zxcvbn = new ZxcvbnFactory({
  dictionary: { ...common.dictionary, ...english.dictionary },
  graphs: common.adjacencyGraphs,
  // A password with more possible spellings takes long to check and is no weaker for it.
  l33tMaxSubstitutions: 16,
})

/** Why a password is easy to guess. */
export type PasswordWeakness =
  /** It contains a name, phone number or email address of the person. */
  | 'public_facts'
  | 'keyboard_row'
  | 'keyboard_pattern'
  | 'repeated_character'
  | 'repeated_pattern'
  | 'sequence'
  | 'recent_year'
  | 'date'
  | 'top_password'
  | 'common_password'
  | 'similar_to_common'
  | 'single_word'
  | 'single_name'
  | 'common_name'

/** By the names that zxcvbn has for its warnings, as long as it isn't given sentences for them. */
const WEAKNESSES: Readonly<Record<string, PasswordWeakness>> = {
  straightRow: 'keyboard_row',
  keyPattern: 'keyboard_pattern',
  simpleRepeat: 'repeated_character',
  extendedRepeat: 'repeated_pattern',
  sequences: 'sequence',
  recentYears: 'recent_year',
  dates: 'date',
  topTen: 'top_password',
  topHundred: 'common_password',
  common: 'common_password',
  similarToCommon: 'similar_to_common',
  wordByItself: 'single_word',
  namesByThemselves: 'single_name',
  commonNames: 'common_name',
  userInputs: 'public_facts',
}

export interface PasswordStrength {
  readonly score: 0 | 1 | 2 | 3 | 4
  readonly isEnough: boolean
  /** Null if there is no particular reason. */
  readonly weakness: PasswordWeakness | null
}

/** `about` lists public facts about the person, such as name, phone number and email address. */
export function measurePassword(password: string, about: readonly string[]): PasswordStrength {
  const looked = password.normalize('NFC').slice(0, LOOKED_AT)
  const known = partsOf(about)
  const whole = zxcvbn.check(looked, [...EXAMPLES, ...known])
  const rest = withoutParts(looked, known)
  const score = rest === null ? whole.score : weaker(whole.score, zxcvbn.check(rest).score)
  const found = WEAKNESSES[whole.feedback.warning ?? ''] ?? null
  const weakness = score < whole.score ? 'public_facts' : found
  return { score, isEnough: score >= LEAST_SCORE, weakness }
}

const weaker = (one: PasswordStrength['score'], other: PasswordStrength['score']) =>
  one < other ? one : other

/** The password without the parts that others know; null if it contains none of them. */
function withoutParts(password: string, parts: readonly string[]): string | null {
  const lower = password.toLowerCase()
  const rest = parts.reduce((left, part) => left.replaceAll(part, ''), lower)
  return rest === lower ? null : rest
}

/** Each fact as a whole, and its words, such as both halves of an email address. Longest first. */
function partsOf(about: readonly string[]): string[] {
  const whole = about.map((text) => text.normalize('NFC').toLowerCase())
  const words = whole.flatMap((text) => text.split(/[^\p{L}\p{N}]+/u))
  const digits = whole.map((text) => text.replace(/\D/g, ''))
  // People write a number with and without its country code.
  const ends = digits.map((number) => number.slice(-8))
  const parts = new Set([...whole, ...words, ...digits, ...ends])
  return [...parts].filter((part) => part.length > 2).sort((a, b) => b.length - a.length)
}
