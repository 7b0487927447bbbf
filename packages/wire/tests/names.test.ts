import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  comparedName,
  DisplayName,
  isNickname,
  MAX_NAME_CHARS,
  nameProblem,
  SignedName,
  shownName,
  tidyName,
} from '../src/index.ts'

describe('valid names remain unchanged', () => {
  test.each([
    ['Zoë', 'Latin with marks'],
    ['Ω', 'one letter'],
    ['محمد', 'Arabic'],
    ['علی\u200cرضا', 'a Persian name with a non-joiner'],
    ['ශ්\u200dරී', 'a Sinhala name with a joiner'],
    ['नरेन्द्र', 'Devanagari'],
    ['李小龍', 'Han'],
    ['田中・ジョン', 'a katakana middle dot'],
    ['Nguyễn Thị Ánh', 'Vietnamese'],
    ['Paral·lel', 'a Catalan middle dot'],
    ['ג׳ורג׳', 'a Hebrew geresh'],
    ['O’Brien-Smith, Jr.', 'punctuation'],
    ['C++ & C#', 'symbols of ASCII'],
    ['★ Yuki ♪', 'decoration'],
    ['Ann ❤️', 'an emoji with its selector'],
    ['👩🏽‍🚀 Sally', 'an emoji of several parts'],
    ['👩‍👩‍👧', 'a family'],
    ['🏴󠁧󠁢󠁳󠁣󠁴󠁿 Iain', 'a flag that is spelled with tags'],
    ['🇩🇪 Jürgen', 'a flag of two letters'],
    ['x'.repeat(64), 'as long as may be'],
  ])('%s (%s)', (name) => {
    expect(tidyName(name)).toBe(name)
    expect(nameProblem(name)).toBeUndefined()
    expect(DisplayName.safeParse(name).success).toBe(true)
    expect(shownName(name)).toBe(name)
  })
})

describe('typed names are normalized', () => {
  test.each([
    ['  Bob   Builder ', 'Bob Builder', 'blanks'],
    ['Bob\u00a0\u3000Builder', 'Bob Builder', 'blanks of other kinds'],
    ['Bo\u200bb\u2060\ufeff', 'Bob', 'zero width'],
    ['B\u00adob\u034f', 'Bob', 'soft hyphen, grapheme joiner'],
    ['Bob\u200f\u200e', 'Bob', 'marks of direction'],
    ['Bob\u202eecilA\u202c', 'BobecilA', 'an override of direction'],
    ['\u2067Bob\u2069', 'Bob', 'isolates'],
    ['Bo\u200db', 'Bob', 'a joiner between letters that do not join'],
    ['Bob\u{e0062}\u{e006f}', 'Bob', 'tags that spell something unseen'],
    ['Bob\u{e0100}\ufe0f', 'Bob', 'selectors without anything to select'],
    ['Ｂｏｂ', 'Bob', 'full width'],
    ['𝓑𝓸𝓫', 'Bob', 'mathematical letters'],
    ['ﬁona', 'fiona', 'a ligature'],
    ['Zoe\u0308', 'Zoë', 'a letter in two parts'],
    ['O´Brien', 'O’Brien', 'an accent for an apostrophe'],
    ['Bob™', 'BobTM', 'a sign of letters'],
  ])('%j becomes %j (%s)', (typed, name) => {
    expect(tidyName(typed)).toBe(name)
    expect(DisplayName.safeParse(typed).success).toBe(false)
    expect(DisplayName.safeParse(name).success).toBe(true)
    expect(comparedName(typed)).toBe(comparedName(name))
    expect(shownName(typed)).toBe(name)
  })
})

describe('rejects forbidden names and says why', () => {
  test.each([
    ['', 'name_empty'],
    ['\u0301\u0302', 'name_empty'],
    ['x'.repeat(65), 'name_too_long'],
    ['\ufdfa'.repeat(5), 'name_too_long'],
    ['Bob\nAlice', 'name_characters'],
    ['Bob\u2028Alice', 'name_characters'],
    ['Bob\u0007', 'name_characters'],
    ['Bob\ue000', 'name_characters'],
    ['Bob\ud800', 'name_characters'],
    ['Bob\uffff', 'name_characters'],
    ['Bob\u{2fe0f}', 'name_characters'],
    ['Bob\u2800', 'name_characters'],
    ['\u1112\u1161\u11ab', undefined],
    ['\u1112\u1112', 'name_characters'],
    ['Bob\ufffc', 'name_characters'],
    ['Bob · Support', 'name_characters'],
    ['\u0301Bob', 'name_characters'],
    [`B${'\u0316'.repeat(9)}ob`, 'name_characters'],
    ['٣۳', 'name_characters'],
  ])('%j: %s', (typed, problem) => {
    const name = tidyName(typed)
    expect(nameProblem(name)).toBe(problem)
    expect(isNickname(shownName(typed))).toBe(true)
  })
})

describe('rejects names that look like a badge, and does not display them', () => {
  test.each([
    '✓ verified',
    'Alice ✓',
    'Alice ✔️',
    'Alice ✅',
    'Alice ☑',
    'Alice 🗸',
    'Alice √',
    'Alice 🛡️',
    'Alice ⛨',
    'Alice 🔒',
    'Alice 🔏',
    'Alice 🔐',
    'Alice 🔑',
    'Alice 🗝',
    'Alice 🏅',
    'Alice 🎖',
    'Alice 🏵️',
    'Alice 🔵',
    'Alice 💠',
    'Alice 📛',
    'Alice ®',
    'Alice 🆗',
    'Alice 🅥',
    'Alice V⃝',
    'Alice ⚠ new key',
    'Alice 👮',
    'Alice (Verified)',
    'Alice 𝐕𝐞𝐫𝐢𝐟𝐢𝐞𝐝',
    'Alice veri\u200bfied',
  ])('%s', (typed) => {
    const name = tidyName(typed)
    expect(nameProblem(name)).toBe('name_badge')
    expect(DisplayName.safeParse(name).success).toBe(false)
    expect(nameProblem(shownName(typed))).toBeUndefined()
    expect(shownName('Alice ✓')).toBe('Alice')
  })
})

test('only the device that chooses a name rejects code points that its platform does not know', () => {
  const unassigned = 'Bob\u0378'
  expect(nameProblem(unassigned)).toBe('name_characters')
  expect(DisplayName.safeParse(unassigned).success).toBe(true)
})

test('accepts a name from before these rules', () => {
  for (const name of ['✓ verified Bob', 'Bo\u200bb', 'Ｂｏｂ', 'Bob  Builder', 'Bob\u200f']) {
    expect(SignedName.safeParse(name).success).toBe(true)
    expect(DisplayName.safeParse(name).success).toBe(false)
  }
})

const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.string({
    unit: fc.constantFrom(
      'a',
      'é',
      '\u0301',
      '\u200d',
      '\ufe0f',
      '❤',
      '👩',
      '✓',
      '\u202e',
      ' ',
      '´',
      '١',
      '۱',
      '·',
      'ﷺ',
      '\ud83d',
    ),
    maxLength: 70,
  }),
)

test('normalization terminates, and every displayed name is a valid name', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const tidy = tidyName(text)
      expect(tidyName(tidy)).toBe(tidy)
      const shown = shownName(text)
      expect(isNickname(shown)).toBe(true)
      expect(shown.length).toBeLessThanOrEqual(MAX_NAME_CHARS)
      expect(shown).not.toMatch(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u)
      expect(shownName(shown)).toBe(shown)
    }),
    { numRuns: 1000 },
  )
})
