import { expect, test } from 'vitest'
import { DisplayName, hiddenCharacterIn, isWellFormed, Moment } from '../src/index.ts'

const isName = (name: string) => DisplayName.safeParse(name).success

test.each(['Zoë', 'Ω', 'محمد', '李', '👩‍👩‍👧', 'O’Brien', 'x'.repeat(64)])(
  'accepts %s as a name',
  (name) => {
    expect(isName(name)).toBe(true)
  },
)

test.each([
  ['nothing', ''],
  ['surrounding spaces', ' Bob '],
  ['only a zero width space', '\u200b'],
  ['only a Hangul filler', '\u3164'],
  ['only a Braille blank', '\u2800'],
  ['only combining marks', '\u0301\u0302'],
  ['a line break', 'Bob\nAlice'],
  ['a direction override', 'Bob\u202e'],
  ['a lone surrogate', 'Bob\ud800'],
  ['too many characters', 'x'.repeat(65)],
])('rejects a name with %s', (_, name) => {
  expect(isName(name)).toBe(false)
})

test.each([
  ['', 'empty'],
  ['x'.repeat(65), 'too_long'],
  ['Bob\ud800', 'broken_character'],
  ['\u2068Bob\u2069', 'hidden_character'],
  ['Bob\nAlice', 'hidden_character'],
  ['Bob ', 'blanks_around'],
  ['\u200b', 'invisible'],
])('says why %j is not a valid name', (name, problem) => {
  expect(DisplayName.safeParse(name).error?.issues[0]?.message).toBe(problem)
})

test('names a hidden character by its code point', () => {
  expect(hiddenCharacterIn('Bob\u202eeve')).toBe('U+202E')
  expect(hiddenCharacterIn('Bob\teve')).toBe('U+0009')
  expect(hiddenCharacterIn('Bob')).toBeUndefined()
})

test('accepts only moments that `Date` can represent', () => {
  const last = 8_640_000_000_000_000
  expect(Moment.safeParse(last).success).toBe(true)
  expect(() => new Intl.DateTimeFormat().format(last)).not.toThrow()
  for (const moment of [last + 1, Number.MAX_SAFE_INTEGER, -1, 0.5, Number.NaN]) {
    expect(Moment.safeParse(moment).success).toBe(false)
  }
})

test.each([
  ['plain', true],
  ['\u{1f600}', true],
  ['', true],
  ['\ud83d', false],
  ['a \ude00 b', false],
  ['\ude00\ud83d', false],
])('%j is well-formed: %s', (text, expected) => {
  expect(isWellFormed(text)).toBe(expected)
})
