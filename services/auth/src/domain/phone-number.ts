import { DomainError } from '@sotto/service-runtime'
import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js'

/** A phone number in E.164: `+4915112345678`. */
export type PhoneNumber = string & { readonly __brand: 'PhoneNumber' }

// Address books put these around numbers in right-to-left text.
const DIRECTION_MARKS = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g
// Latin and Arabic digits and what people put between them. No letters: neither words on a keypad nor
// extensions nor parameters are part of a number that codes are sent to.
const USUAL_WRITING = /^\+?[0-9\u0660-\u0669\u06f0-\u06f9 ()./\u2010-\u2014\u2212-]+$/
// How `+` is dialed in most of the world. No national number begins like this.
const INTERNATIONAL_PREFIX = /^[0\u0660\u06f0]{2}/
const E164 = /^\+[1-9][0-9]{6,14}$/

/**
 * Brings a phone number, however it is written, to its one form. A leading `00` means `+`. Numbers
 * without a country code belong to `defaultCountry`, and are refused without one. Throws `invalid_phone`.
 *
 * Only the length is checked against the numbering plan: which ranges are in use changes faster than
 * any table, and the code that has to arrive is the better proof.
 */
export function parsePhoneNumber(written: string, defaultCountry?: CountryCode): PhoneNumber {
  // The wide forms of East Asian keyboards: the library reads their digits, and overlooks their plus.
  const text = written.normalize('NFKC').replace(DIRECTION_MARKS, '').trim()
  if (!USUAL_WRITING.test(text)) throw new DomainError('invalid_phone')
  const international = text.replace(INTERNATIONAL_PREFIX, '+')
  const parsed = parsePhoneNumberFromString(international, {
    extract: false,
    ...(defaultCountry && { defaultCountry }),
  })
  if (!parsed?.isPossible() || parsed.ext || !E164.test(parsed.number)) {
    throw new DomainError('invalid_phone')
  }
  return parsed.number as string as PhoneNumber
}
