import { ONE_TIME_CODE_DIGITS } from './limits.ts'

/** Normalizes digits and numbers from any keyboard to the one form that is sent. */

const DIGIT = /\p{Nd}/u
/** A one-time code as messages display it: "123456", "123 456", "123-456". */
const WHOLE_CODE = new RegExp(`(?<!\\d)\\d(?:[ -]?\\d){${ONE_TIME_CODE_DIGITS - 1}}(?!\\d)`)

/** `text` with the decimal digits of every script converted to 0–9. */
export const asciiDigits = (text: string): string =>
  text.replace(/\p{Nd}/gu, (digit) => String(numberOf(digit)))

/**
 * A phone number without invisible characters, with ASCII digits and with normal-width characters.
 */
export const plainPhone = (written: string): string => plain(written).trim()

/**
 * The digits of the one-time code in typed or pasted text. If it contains no complete code, all of
 * its digits.
 */
export function codeDigits(typed: string): string {
  const text = plain(typed)
  return (WHOLE_CODE.exec(text)?.[0] ?? text).replace(/[^0-9]/g, '')
}

const plain = (text: string): string => asciiDigits(text.normalize('NFKC')).replace(/\p{Cf}/gu, '')

/**
 * Unicode stores the ten digits of a script consecutively, zero first, and one script's digits may
 * directly follow another's.
 */
function numberOf(digit: string): number {
  const point = digit.codePointAt(0) ?? 0
  let first = point
  while (DIGIT.test(String.fromCodePoint(first - 1))) first -= 1
  return (point - first) % 10
}
