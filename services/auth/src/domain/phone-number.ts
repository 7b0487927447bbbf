import { DomainError } from '@sotto/service-runtime'
import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js'

/** A phone number in E.164: `+4915112345678`. */
export type PhoneNumber = string & { readonly __brand: 'PhoneNumber' }

const E164 = /^\+[1-9][0-9]{6,14}$/

/**
 * Brings a phone number, however it is written, to its one form. Numbers without a country code are
 * taken as of `defaultCountry`. Throws `invalid_phone`.
 *
 * Only the length is checked against the numbering plan: which ranges are in use changes faster than
 * any table, and the code that has to arrive is the better proof.
 */
export function parsePhoneNumber(written: string, defaultCountry?: CountryCode): PhoneNumber {
  const parsed = parsePhoneNumberFromString(written, {
    extract: false,
    ...(defaultCountry && { defaultCountry }),
  })
  if (!parsed?.isPossible() || parsed.ext || !E164.test(parsed.number)) {
    throw new DomainError('invalid_phone')
  }
  return parsed.number as string as PhoneNumber
}
