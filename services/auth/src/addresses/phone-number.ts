import { DomainError } from '@sotto/service-runtime'
import { plainPhone } from '@sotto/wire'
import {
  type CountryCode,
  type NumberType,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max'
import { invisible } from './invisible.ts'

/** A phone number in E.164: `+4915112345678`. */
export type PhoneNumber = string & { readonly __brand: 'PhoneNumber' }

// Digits and the characters that people write between them. No letters: keypad words, extensions
// and parameters are not part of a number that codes are sent to.
const USUAL_WRITING = /^(\+|\(\+)?[0-9 ()./\u2010-\u2014\u2212-]+$/
// The prefix that most of the world dials for `+`, including in parentheses or mistakenly after a `+`. No national
// number begins with it.
const INTERNATIONAL_PREFIX = /^(\(?\+? ?00|\(\+)/
const E164 = /^\+[1-9][0-9]{6,14}$/

/**
 * Phone numbers with several spellings in E.164, and the canonical one: mobile numbers in Argentina
 * and Brazil, and the new numbers after the renumbering in Mexico (2019) and Benin (2024).
 */
const SPELLINGS: readonly (readonly [spelling: RegExp, kept: string])[] = [
  [/^\+54(?!9)(\d{10})$/, '+549$1'],
  [/^\+52(?:1|01|04[45])(\d{10})$/, '+52$1'],
  [/^\+55(\d{2})([6-9]\d{7})$/, '+55$19$2'],
  [/^\+229(\d{8})$/, '+22901$1'],
]

// The price of a message to these numbers is unpredictable.
const COSTLY: ReadonlySet<NumberType> = new Set<NumberType>([
  'PREMIUM_RATE',
  'SHARED_COST',
  'PERSONAL_NUMBER',
])
// No one reads messages to these numbers.
const UNREAD: ReadonlySet<NumberType> = new Set<NumberType>([
  'TOLL_FREE',
  'PAGER',
  'UAN',
  'VOICEMAIL',
])
// Including the plus sign. A shorter prefix does not determine a range.
const MIN_LENGTH_TO_TELL = 8
const DIGITS_LEFT_OUT = ['0', '00', '000']

/**
 * Throws `phone_not_served` for a number to which no codes are sent: because it has none of
 * `allowedPrefixes` (such as `+49`), or because messages to it may be expensive, such as
 * premium-rate, satellite and country-less numbers.
 */
export function ensureServed(
  number: PhoneNumber,
  allowedPrefixes: readonly string[] | undefined,
): void {
  const isAllowed = allowedPrefixes?.some((prefix) => number.startsWith(prefix)) ?? true
  const parsed = parsePhoneNumberFromString(number)
  const type = parsed?.getType()
  const isCostly = type === undefined ? beginsCostly(number) : COSTLY.has(type) || UNREAD.has(type)
  if (!isAllowed || isCostly || parsed?.isNonGeographic()) {
    throw new DomainError('phone_not_served')
  }
}

/**
 * Whether an unknown number starts like a premium-rate range but has a few digits more or less:
 * networks route a number by its prefix.
 */
function beginsCostly(number: PhoneNumber): boolean {
  const isCostly = (near: string) => {
    const type = parsePhoneNumberFromString(near)?.getType()
    return type !== undefined && COSTLY.has(type)
  }
  for (let length = MIN_LENGTH_TO_TELL; length < number.length; length += 1) {
    if (isCostly(number.slice(0, length))) return true
  }
  return DIGITS_LEFT_OUT.some((digits) => isCostly(number + digits))
}

/**
 * Converts a phone number from any spelling to its canonical form. A leading `00` means `+`.
 * Numbers without a country code belong to `defaultCountry`, and are rejected without one. Throws
 * `invalid_phone`.
 *
 * Only the length is checked against the numbering plan: the ranges in use change faster than any
 * table, and the delivery of the code is better proof.
 */
export function parsePhoneNumber(written: string, defaultCountry?: CountryCode): PhoneNumber {
  const text = plainPhone(written).replace(invisible, '').trim()
  if (!USUAL_WRITING.test(text)) throw new DomainError('invalid_phone')
  const international = text.replace(INTERNATIONAL_PREFIX, '+')
  const parsed = parsePhoneNumberFromString(international, {
    extract: false,
    ...(defaultCountry && { defaultCountry }),
  })
  if (!parsed || parsed.ext || !E164.test(parsed.number)) throw new DomainError('invalid_phone')
  const number = SPELLINGS.reduce<string>(
    (spelled, [spelling, kept]) => spelled.replace(spelling, kept),
    withoutTrunkZero(parsed.number),
  )
  if (!parsePhoneNumberFromString(number)?.isPossible()) throw new DomainError('invalid_phone')
  return number as PhoneNumber
}

/**
 * Removes a trunk zero that people write although their country has none, if the numbering plan
 * knows the number only without it. In Italy and elsewhere, the zero belongs to the number. No code
 * reaches the other spelling, so that one cannot be stored.
 */
function withoutTrunkZero(number: string): string {
  const { countryCallingCode, nationalNumber = '' } = parsePhoneNumberFromString(number) ?? {}
  if (!nationalNumber.startsWith('0') || isInUse(number)) return number
  const shorter = `+${countryCallingCode}${nationalNumber.slice(1)}`
  return isInUse(shorter) ? shorter : number
}

const isInUse = (number: string) => parsePhoneNumberFromString(number)?.isValid() ?? false
