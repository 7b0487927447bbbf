import { expect, test } from 'vitest'
import { DisplayName } from '../src/index.ts'

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
