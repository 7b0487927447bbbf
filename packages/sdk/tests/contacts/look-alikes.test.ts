import { expect, test } from 'vitest'
import { looksOf } from '../../src/contacts/look-alikes/skeleton.ts'

const areAlike = (one: string, other: string) =>
  looksOf(one).some((look) => looksOf(other).includes(look))

test.each([
  ['Alice', 'Аliсе', 'Cyrillic letters'],
  ['Alice', 'AIice', 'a capital I for an l'],
  ['Alice', 'aIice', 'the same in another case'],
  ['Alice', 'A1ice', 'a digit for an l'],
  ['Alice', 'ΑLICE', 'a Greek capital'],
  ['Alice', 'alice', 'another case'],
  ['Alice', 'Álice', 'an accent'],
  ['Alice', 'Alice 🌸', 'an emoji after it'],
  ['Alice', '.Alice.', 'dots around it'],
  ['Anna Müller', 'AnnaMüller', 'a missing space'],
  ['Bob', 'B0b', 'a zero'],
  ['Martin', '\u041c\u0430rtin', 'two letters'],
  ['Mom', 'Morn', 'r and n'],
  ['Paul', 'Pau|', 'a bar'],
  ['🌸', '🌸', 'no letters at all'],
])('%s and %s are alike: %s', (one, other) => {
  expect(areAlike(one, other)).toBe(true)
})

test.each([
  ['Alice', 'Alicia'],
  ['Bob', 'Rob'],
  ['李', '季'],
  ['कि', 'का'],
  ['🌸', '🌹'],
  ['Anna', 'Hanna'],
])('%s and %s are not alike', (one, other) => {
  expect(areAlike(one, other)).toBe(false)
})
