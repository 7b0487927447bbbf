import { i18n } from '@lingui/core'
import { measurePassword } from '@sotto/sdk/password-strength'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { weaknessWords } from '../src/features/sign-up/weakness-words.ts'
import { bytesInWords, dayName } from '../src/ui/text/moments.ts'
import { formatsFor, preferredLanguage } from '../src/words/languages.ts'

const speak = (language: string) => i18n.loadAndActivate({ locale: language, messages: {} })

beforeEach(() => speak('en'))
afterEach(() => speak('en'))

test.each([
  [['de-AT', 'en'], 'de'],
  [['fr', 'DE', 'en'], 'de'],
  [['fi-FI'], 'en'],
  [[], 'en'],
])('of %j the app speaks %s', (asked, language) => {
  expect(preferredLanguage(asked)).toBe(language)
})

test("dates and numbers use the requested region's format", () => {
  expect(formatsFor('en', ['de', 'en-GB', 'en'])).toEqual(['en-GB', 'en', 'en'])
  expect(formatsFor('de', ['en-US'])).toEqual(['de'])
})

test('numbers and days follow the language', () => {
  const now = new Date('2026-11-30T12:00:00').getTime()
  const before = new Date('2026-11-20T12:00:00').getTime()
  expect(bytesInWords(1536)).toBe('1.5 KB')
  expect(bytesInWords(1)).toBe('1 byte')
  expect(dayName(before, now)).toBe('Friday, November 20')
  speak('de')
  expect(bytesInWords(1536)).toBe('1,5 KB')
  expect(dayName(before, now)).toBe('Freitag, 20. November')
})

test.each([
  ['aaaaaaaaaaaa', 'repeats characters'],
  ['password1234', 'common password'],
  ['zxcvbnm,./', 'row of keys'],
  ['walter@example.org', 'know your name'],
])('why %s is weak has words of the app', (password, words) => {
  const { isEnough, weakness } = measurePassword(password, ['walter@example.org'])
  expect(isEnough).toBe(false)
  expect(weaknessWords(weakness)).toMatch(/^Too easy to guess\. /)
  expect(weaknessWords(weakness)).toContain(words)
})
