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

// Digits and what people put between them. No letters: neither words on a keypad nor extensions nor
// parameters are part of a number that codes are sent to.
const USUAL_WRITING = /^(\+|\(\+)?[0-9 ()./\u2010-\u2014\u2212-]+$/
// How `+` is dialed in most of the world, also in parentheses, or behind a `+` by mistake. No national number
// begins like this.
const INTERNATIONAL_PREFIX = /^(\(?\+? ?00|\(\+)/
const E164 = /^\+[1-9][0-9]{6,14}$/

/**
 * Telephones with several numbers in E.164, and the one that is kept: that of mobile telephones in
 * Argentina and Brazil, and the one after the renumberings of Mexico (2019) and Benin (2024).
 */
const SPELLINGS: readonly (readonly [spelling: RegExp, kept: string])[] = [
  [/^\+54(?!9)(\d{10})$/, '+549$1'],
  [/^\+52(?:1|01|04[45])(\d{10})$/, '+52$1'],
  [/^\+55(\d{2})([6-9]\d{7})$/, '+55$19$2'],
  [/^\+229(\d{8})$/, '+22901$1'],
]

// What a code costs there, nobody knows.
const COSTLY: ReadonlySet<NumberType> = new Set<NumberType>([
  'PREMIUM_RATE',
  'SHARED_COST',
  'PERSONAL_NUMBER',
])
// Nobody reads it there.
const UNREAD: ReadonlySet<NumberType> = new Set<NumberType>([
  'TOLL_FREE',
  'PAGER',
  'UAN',
  'VOICEMAIL',
])
// With the plus sign: a shorter beginning says nothing of a range.
const MIN_LENGTH_TO_TELL = 8
const DIGITS_LEFT_OUT = ['0', '00', '000']

/**
 * Throws `phone_not_served` for a number that codes do not go to: because `allowedPrefixes` (such as `+49`)
 * has not its beginning, or because messages to it may cost anything: premium rates and the like, satellites,
 * and what belongs to no country.
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
 * Whether a number that no table knows has the beginning of a costly range, and only some digits more or
 * less: networks lead a number by its beginning.
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
 * Brings a phone number, however it is written, to its one form. A leading `00` means `+`. Numbers
 * without a country code belong to `defaultCountry`, and are refused without one. Throws `invalid_phone`.
 *
 * Only the length is checked against the numbering plan: which ranges are in use changes faster than
 * any table, and the code that has to arrive is the better proof.
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
 * Leaves out a zero that people put before numbers although their country has none: where the table knows the
 * number only without it. In Italy and elsewhere the zero belongs to the number. No code arrives at the other
 * spelling, so that none can be stored.
 */
function withoutTrunkZero(number: string): string {
  const { countryCallingCode, nationalNumber = '' } = parsePhoneNumberFromString(number) ?? {}
  if (!nationalNumber.startsWith('0') || isInUse(number)) return number
  const shorter = `+${countryCallingCode}${nationalNumber.slice(1)}`
  return isInUse(shorter) ? shorter : number
}

const isInUse = (number: string) => parsePhoneNumberFromString(number)?.isValid() ?? false
