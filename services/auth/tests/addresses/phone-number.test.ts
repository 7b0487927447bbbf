import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { getCountries, getExampleNumber, parsePhoneNumberFromString } from 'libphonenumber-js/max'
import examples from 'libphonenumber-js/mobile/examples'
import { describe, expect, test } from 'vitest'
import { ensureServed, parsePhoneNumber } from '../../src/addresses/phone-number.ts'
import { startAuth } from '../auth-under-test.ts'

/** A mobile telephone of each country. */
const mobileNumbers = getCountries().flatMap((country) => getExampleNumber(country, examples) ?? [])

describe('a phone number to which no codes are sent', () => {
  test.each([
    ['+1 900 555 1234', 'a premium rate'],
    ['+33 8 99 12 34 56', 'a premium rate'],
    ['+41 900 12 34 56', 'a premium rate'],
    ['+44 70 1234 5678', 'a personal number, which costs as much'],
    ['+1 800 555 1234', 'a freephone number'],
    ['+44 306 999 0000', 'a number for companies'],
    ['+882 13 000000', 'a satellite or an international network'],
    ['+881 612 345678', 'a satellite'],
    ['+979 123456789', 'an international premium rate'],
    ['+870 773 111 632', 'a ship'],
    ['+878 10 1234567890', 'a personal number of no country'],
    ['+808 1234 5678', 'an international number with shared cost'],
    ['+49 900 1 123456 78', 'a premium rate followed by extra digits'],
    ['+49 900 123456', 'a premium rate with a missing digit'],
  ])('%s: %s', (written) => {
    expect(() => ensureServed(parsePhoneNumber(written), undefined)).toThrow('phone_not_served')
  })

  test.each([
    ['+81 90 1234 5678', 'Japan'],
    ['+880 1812 345678', 'Bangladesh'],
    ['+886 912 345 678', 'Taiwan'],
    ['+82 10 2000 0000', 'Korea'],
    ['+84 91 234 56 78', 'Vietnam'],
  ])('does not include %s, although its country code has the same beginning: %s', (written) => {
    expect(() => ensureServed(parsePhoneNumber(written), undefined)).not.toThrow()
  })

  test('does not include a mobile number of any country', () => {
    const mobiles = mobileNumbers.map(({ number }) => parsePhoneNumber(number))
    const refused = mobiles.filter((number) => {
      try {
        ensureServed(number, undefined)
        return false
      } catch {
        return true
      }
    })
    // Except where the country's numbering plan does not distinguish them, or calls them personal.
    expect(refused).toEqual([])
  })

  test('includes a number without an allowed prefix', () => {
    const number = parsePhoneNumber('+49 151 12345678')
    for (const allowed of [undefined, ['+49'], ['+43', '+4915']]) {
      expect(() => ensureServed(number, allowed)).not.toThrow()
    }
    for (const allowed of [['+43'], ['+4917', '+1']]) {
      expect(() => ensureServed(number, allowed)).toThrow('phone_not_served')
    }
  })
})

describe('a phone number', () => {
  test.each([
    '+4915112345678',
    '+49 151 123 456 78',
    '+49 (0) 151-12345678',
    '0049 151 12345678',
    '0151/12345678',
    ' 0151.1234.5678 ',
    '+49\u00a0151\u00a012345678',
    '\u202a+49 151 12345678\u202c',
    '+\u0664\u0669 \u0661\u0665\u0661 \u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668',
    '\uff0b\uff14\uff19\uff11\uff15\uff11\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18',
  ])('%s has one canonical form', (written) => {
    expect(parsePhoneNumber(written, 'DE')).toBe('+4915112345678')
  })

  test.each([
    '',
    '+',
    '12',
    '+49',
    '+0 151 12345678',
    '+999999999999',
    '+155501000000000000',
    'call 0151 12345678 now',
    '+4915112345678;ext=7',
    '+4915112345678 x7',
    '+49 151 12345678 / 0151 99',
    '+49+15112345678',
    '\u22644915112345678',
    '+4915112345678\r\nBcc: a',
    '0151 CALLME99',
    'tel:+4915112345678;phone-context=evil.test',
  ])('%j is not one', (written) => {
    expect(() => parsePhoneNumber(written, 'DE')).toThrow('invalid_phone')
  })

  test.each([
    '0049 151 12345678',
    '00 49 151 12345678',
    '+49 151 12345678',
    '\u0660\u0660\u0664\u0669 151 12345678',
  ])('%s needs no country', (written) => {
    expect(parsePhoneNumber(written)).toBe('+4915112345678')
    // Where people dial 011 instead of 00.
    expect(parsePhoneNumber(written, 'US')).toBe('+4915112345678')
  })

  // Several spellings of a number: a renumbering, or a digit that only some callers dial.
  test.each([
    ['+5491123456789', ['+54 11 2345-6789', '0054 9 11 2345 6789', '+54 9 11 2345-6789']],
    ['+5491123456789', ['+54 11 15 2345-6789', '+54 (011) 15-2345-6789']],
    [
      '+525512345678',
      ['+52 1 55 1234 5678', '00521 55 12345678', '+52 55 1234 5678', '+52 044 55 1234 5678'],
    ],
    ['+5511987654321', ['+55 11 8765-4321', '+55 (011) 98765-4321', '+55 11 98765-4321']],
    ['+2290197123456', ['+229 97 12 34 56', '+229 01 97 12 34 56']],
    ['+4915112345678', ['+49 0151 12345678', '+49 (0) 151 12345678', '0049 0151 12345678']],
    [
      '+447911123456',
      ['+44 (0)7911 123456', '+44\u200b 7911\u2060 123456', '+44 7911\u00ad123456'],
    ],
    // In Italy the zero belongs to the number. Poland and Chile have none, but people write one.
    ['+3906123456', ['+39 06 123456']],
    ['+48512345678', ['+48 0512 345 678', '+48 (0) 512 345 678']],
    ['+56961234567', ['+56 09 6123 4567', '+56 (0)9 6123 4567']],
    ['+79123456789', ['+7 8 912 345-67-89', '+7 (912) 345-67-89']],
    ['+821020000000', ['+82 010-2000-0000', '(+82) 10-2000-0000', '+0082 10 2000 0000']],
    ['+375294911911', ['+375 8 029 491-19-11', '+375 29 491 19 11']],
  ])('%s is the same however it is spelled', (number, spellings) => {
    for (const spelling of [number, ...spellings]) expect(parsePhoneNumber(spelling)).toBe(number)
  })

  test('from any country has one form for all its spellings', () => {
    const written = fc.record({
      mobile: fc.constantFrom(...mobileNumbers),
      style: fc.constantFrom('+', '00', '+00', '(+', 'national', 'trunk'),
      digits: fc.constantFrom('0', '\uff10', '\u0660', '\u06f0'),
      unseen: fc.constantFrom('', '\u200b', '\u2060', '\u202a', '\u00ad', '\ufeff', ' ', '\u00a0'),
      at: fc.nat(20),
    })
    fc.assert(
      fc.property(written, ({ mobile, style, digits, unseen, at }) => {
        const { country, countryCallingCode: code, nationalNumber, number } = mobile
        const trunk = `+${code}0${nationalNumber}`
        // Skip numbers where the zero produces a different valid number.
        fc.pre(style !== 'trunk' || !parsePhoneNumberFromString(trunk)?.isValid())
        const spelled = {
          '+': mobile.formatInternational(),
          '00': number.replace('+', '00'),
          '+00': number.replace('+', '+00'),
          '(+': `(+${code}) ${nationalNumber}`,
          national: mobile.formatNational(),
          trunk,
        }[style]
        const inDigits = spelled.replace(/\d/g, (digit) =>
          String.fromCodePoint((digits.codePointAt(0) ?? 0) + Number(digit)),
        )
        // Whitespace is inserted between digits, not inside the part that means `+`.
        const place = Math.min(unseen.trim() === '' ? at + 5 : at, inDigits.length)
        const whole = inDigits.slice(0, place) + unseen + inDigits.slice(place)
        const kept = parsePhoneNumber(number)
        expect(parsePhoneNumber(whole, country)).toBe(kept)
        expect(parsePhoneNumber(kept)).toBe(kept)
      }),
      { numRuns: 3000 },
    )
  })

  test('stored under another spelling is migrated to the canonical one', async () => {
    await using auth = await startAuth()
    const stored = ['+541123456789', '+5215512345678', '+551187654321', '+22997123456']
    // A person signed up twice: first under the canonical spelling, or first under the other one.
    const twice = ['+5492211234567', '+542211234567']
    for (const [n, phone] of [...stored, ...twice, '+4915112345678'].entries()) {
      await auth.sql`
        insert into auth.accounts (id, phone, created_at)
        values (${randomUUID()}, ${phone}, ${new Date(n)})`
    }
    const migration = new URL('../../src/migrations/0004-one-spelling.sql', import.meta.url)
    await auth.sql.begin(async (tx) => {
      await tx`set local search_path to auth`
      await tx.file(fileURLToPath(migration))
    })

    const rows = await auth.sql<{ phone: string }[]>`
      select phone from auth.accounts order by created_at`
    const kept = stored.map((phone) => parsePhoneNumber(phone))
    expect(rows.map(({ phone }) => phone)).toEqual([...kept, ...twice, '+4915112345678'])
  })

  test.each(['0151 12345678', '151 12345678', '4915112345678'])(
    '%s has no country code and needs a country',
    (written) => {
      expect(() => parsePhoneNumber(written)).toThrow('invalid_phone')
    },
  )

  test('00 means + only once', () => {
    expect(() => parsePhoneNumber('000049 151 12345678', 'DE')).toThrow('invalid_phone')
    expect(() => parsePhoneNumber('00', 'DE')).toThrow('invalid_phone')
  })
})
