import { i18n } from '@lingui/core'
import { measurePassword } from '@sotto/sdk/password-strength'
import { describe, expect, test } from 'vitest'
import { deviceName, shownDeviceName } from '../src/client/device-name.ts'
import { utf8Bytes } from '../src/features/composer/utf8-bytes.ts'
import { matches } from '../src/features/conversations/rail/match.ts'
import { isNewDoubt } from '../src/features/frame/is-new-doubt.ts'
import { kindOfSearch } from '../src/features/new-conversation/kind-of-search.ts'
import { groupsOf, tidied } from '../src/features/recovery/recovery-code.ts'
import { judgePassword } from '../src/features/sign-up/judge-password.ts'
import { isEmojiOnly } from '../src/features/timeline/text/text-size.ts'
import { shorten } from '../src/ui/text/shorten.ts'

// Without a catalog, the words are those in the source.
i18n.loadAndActivate({ locale: 'en', messages: {} })

const judge = (password: string, email = '') =>
  judgePassword(password, measurePassword(password, [email]))

describe('a password', () => {
  test('has at least ten characters', () => {
    expect(judge('123abcdef').problem).toBe('1 more character.')
  })

  test.each(['password123', 'PASSWORD123!', 'qwertyuiop', '1111111111', 'abababababab'])(
    'that anyone would try is refused: %s',
    (password) => expect(judge(password).problem).not.toBeNull(),
  )

  test("must not be the person's address", () => {
    expect(judge('alice.miller1', 'alice.miller@example.org').problem).not.toBeNull()
  })

  test('is better the longer it is', () => {
    expect(judge('correct cold staple').level).toBe(4)
    expect(judge('tq7!mzp-2w').problem).toBeNull()
  })

  test('is left to the client until the dictionaries are loaded', () => {
    expect(judgePassword('password123', null).problem).toBeNull()
    expect(judgePassword('short', null).problem).not.toBeNull()
  })
})

describe('a recovery code', () => {
  test('is accepted in any notation', () => {
    const groups = ['K7QM', '2T9X', '4WDP', '8HVR', '0ZC3', 'FJ6Y', 'NB1G', '5SEA']

    expect(groupsOf('k7qm-2t9x-4wdp-8hvr-0zc3-fj6y-nb1g-5sea')).toEqual(groups)
    expect(groupsOf(groups.join('\n '))).toEqual(groups)
  })

  test('is grouped while it is typed', () => {
    expect(tidied('k7qm2t')).toBe('K7QM 2T')
  })
})

describe('a search for a person', () => {
  test.each([
    ['', 'list'],
    ['Bob', 'name'],
    ['bob@example.org', 'email'],
    ['+49 151 2345-678', 'phone'],
    ['(0151) 2345678', 'phone'],
    ['R2D2', 'name'],
  ])('%j is a search by %s', (typed, kind) => {
    expect(kindOfSearch(typed).kind).toBe(kind)
  })
})

describe('an answer that didn’t check out', () => {
  const noon = 43_200_000

  test('is reported until it was dismissed', () => {
    expect(isNewDoubt(null, null)).toBe(false)
    expect(isNewDoubt(noon, null)).toBe(true)
    expect(isNewDoubt(noon, noon)).toBe(false)
  })

  test('is reported again after an hour, not at each attempt', () => {
    expect(isNewDoubt(noon + 120_000, noon)).toBe(false)
    expect(isNewDoubt(noon + 3_600_001, noon)).toBe(true)
  })
})

describe('a name in the list', () => {
  test.each(['zoë', 'ZOE', 'van', 'berg'])('is found by the start of any word: %s', (typed) => {
    expect(matches('Zoë van der Berg', typed)).toBe(true)
  })

  test('is not found by the middle of a word', () => {
    expect(matches('Zoë van der Berg', 'erg')).toBe(false)
  })
})

describe('a text', () => {
  test('with only a few emoji is large', () => {
    expect(isEmojiOnly('👩‍👩‍👧‍👦 🎉')).toBe(true)
    expect(isEmojiOnly('🎉 party')).toBe(false)
    expect(isEmojiOnly('🎉'.repeat(7))).toBe(false)
    expect(isEmojiOnly('12')).toBe(false)
  })

  test('is shortened between characters, not inside one', () => {
    const family = '👩‍👩‍👧‍👦'

    expect(shorten(`abc${family}`, 5)).toBe('abc')
    expect(shorten(`abc${family}`, 3 + family.length)).toBe(`abc${family}`)
    expect(shorten(`e\u0301e\u0301`, 3)).toBe('e\u0301')
    expect(shorten('short', 300)).toBe('short')
  })

  test('is shortened even if a single character fills it', () => {
    expect(shorten(`a${'\u0301'.repeat(5000)}`, 300)).toHaveLength(300)
  })

  test('is measured in bytes of UTF-8', () => {
    const text = `${'é'.repeat(5000)}${'🎉'.repeat(3000)}\ud800`

    expect(utf8Bytes(text)).toBe(new TextEncoder().encode(text).length)
  })
})

test('a device is named after its browser and system', () => {
  const chrome = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0 Safari/537.36'

  expect(deviceName(chrome)).toBe('Chrome on Linux')
  expect(deviceName(chrome.replace('Chrome', 'HeadlessChrome'))).toBe('Chrome on Linux')
  expect(deviceName('')).toBe('Browser')
  expect(shownDeviceName('Kitchen tablet')).toBe('Kitchen tablet')
  expect(shownDeviceName(null)).toBe('Device with an unreadable name')
})
