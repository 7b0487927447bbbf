import { expect, test } from 'vitest'
import { DisplayName, hiddenCharacterIn } from '../src/index.ts'

const isName = (name: string) => DisplayName.safeParse(name).success

test.each(['Zoë', 'Ω', 'محمد', '李', '👩‍👩‍👧', 'O’Brien', 'x'.repeat(64)])(
  '%s is a name',
  (name) => {
    expect(isName(name)).toBe(true)
  },
)

test.each([
  ['nothing', ''],
  ['blanks around it', ' Bob '],
  ['only a zero width space', '\u200b'],
  ['only a Hangul filler', '\u3164'],
  ['only a Braille blank', '\u2800'],
  ['only combining marks', '\u0301\u0302'],
  ['a line break', 'Bob\nAlice'],
  ['an override of direction', 'Bob\u202e'],
  ['half of a character', 'Bob\ud800'],
  ['too much', 'x'.repeat(65)],
])('a name is refused that is %s', (_, name) => {
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
])('the reason why %j is no name is told', (name, problem) => {
  expect(DisplayName.safeParse(name).error?.issues[0]?.message).toBe(problem)
})

test('a hidden character is told by its number', () => {
  expect(hiddenCharacterIn('Bob\u202eeve')).toBe('U+202E')
  expect(hiddenCharacterIn('Bob\teve')).toBe('U+0009')
  expect(hiddenCharacterIn('Bob')).toBeUndefined()
})
