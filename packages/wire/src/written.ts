import { ONE_TIME_CODE_DIGITS } from './limits.ts'

/** What people write of digits and numbers, on any keyboard, brought to the one form that is sent. */

const DIGIT = /\p{Nd}/u
/** As messages show a one-time code: "123456", "123 456", "123-456". */
const WHOLE_CODE = new RegExp(`(?<!\\d)\\d(?:[ -]?\\d){${ONE_TIME_CODE_DIGITS - 1}}(?!\\d)`)

/** `text` with the decimal digits of every script as 0 to 9. */
export const asciiDigits = (text: string): string =>
  text.replace(/\p{Nd}/gu, (digit) => String(numberOf(digit)))

/** A phone number without what nobody sees, its digits as 0 to 9, wide forms as usual ones. */
export const plainPhone = (written: string): string => plain(written).trim()

/**
 * The digits of the one-time code in what somebody typed or pasted. Without a whole code in it, every
 * digit that is there.
 */
export function codeDigits(typed: string): string {
  const text = plain(typed)
  return (WHOLE_CODE.exec(text)?.[0] ?? text).replace(/[^0-9]/g, '')
}

const plain = (text: string): string => asciiDigits(text.normalize('NFKC')).replace(/\p{Cf}/gu, '')

/** Unicode keeps the ten digits of a script in one row, zero first, and rows begin after one another. */
function numberOf(digit: string): number {
  const point = digit.codePointAt(0) ?? 0
  let first = point
  while (DIGIT.test(String.fromCodePoint(first - 1))) first -= 1
  return (point - first) % 10
}
