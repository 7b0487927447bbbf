import { expect, test } from 'vitest'
import { asciiDigits, codeDigits, plainPhone } from '../src/index.ts'

/** The digits of a numbering system as the platform writes them. */
function digitsOf(numberingSystem: string): string {
  const format = new Intl.NumberFormat('en', { numberingSystem, useGrouping: false })
  return [...'0123456789'].map((digit) => format.format(Number(digit))).join('')
}

const systems = Intl.supportedValuesOf('numberingSystem').filter((system) =>
  /^\p{Nd}{10}$/u.test(digitsOf(system)),
)

test('reads the digits of every script', () => {
  expect(systems.length).toBeGreaterThan(60)
  for (const system of systems) expect(asciiDigits(digitsOf(system)), system).toBe('0123456789')
})

test('keeps characters that are not decimal digits', () => {
  expect(asciiDigits('a²½Ⅳ一٣')).toBe('a²½Ⅳ一3')
})

test.each([
  ['123456', '123456'],
  ['１２３４５６', '123456'],
  ['١٢٣٤٥٦', '123456'],
  ['۱۲۳۴۵۶', '123456'],
  ['१२३ ४५६', '123456'],
  ['\u2066123-456\u2069', '123456'],
  ['Your code is 123 456. It is good for 10 minutes.', '123456'],
  ['2 new messages: 123456', '123456'],
  ['12 3', '123'],
  ['1234567', '1234567'],
  ['no digits', ''],
])('the one-time code in %j is %j', (typed, code) => {
  expect(codeDigits(typed)).toBe(code)
})

test.each([
  ['\u202a+49 151 23456789\u202c', '+49 151 23456789'],
  ['＋４９１５１２３４５６７８９', '+4915123456789'],
  ['+٤٩ ١٥١ ٢٣٤٥٦٧٨٩', '+49 151 23456789'],
  ['+४९ १५१ २३४५६७८९', '+49 151 23456789'],
  ['\u061c+49\u00a0151 2345\u200b6789', '+49 151 23456789'],
])('the phone number %j is sent as %j', (written, phone) => {
  expect(plainPhone(written)).toBe(phone)
})
