import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { networkOf, wideNetworkOf } from '@sotto/service-runtime'
import fc from 'fast-check'
import { getCountries, getExampleNumber, parsePhoneNumberFromString } from 'libphonenumber-js/max'
import examples from 'libphonenumber-js/mobile/examples'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseEmailAddress } from '../../src/addresses/email-address.ts'
import { maskAddress } from '../../src/addresses/mask-address.ts'
import { ensureServed, parsePhoneNumber } from '../../src/addresses/phone-number.ts'
import { type AuthUnderTest, newDevice, startAuth } from '../auth-under-test.ts'
import hostile from '../vectors/hostile-strings.json' with { type: 'json' }

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

describe('an email address', () => {
  test.each([
    ['user@chat.test', 'user@chat.test'],
    ['USER@Chat.TEST', 'user@chat.test'],
    ['  user@chat.test ', 'user@chat.test'],
    ["o'brien+tag@mail.chat.test", "o'brien+tag@mail.chat.test"],
    ['user@xn--cht-dla.test', 'user@xn--cht-dla.test'],
    // International domains: composed and decomposed, in capitals, with another script's full stop.
    ['user@b\u00fccher.test', 'user@xn--bcher-kva.test'],
    ['user@bu\u0308cher.test', 'user@xn--bcher-kva.test'],
    ['USER@B\u00dcCHER.TEST', 'user@xn--bcher-kva.test'],
    ['user@XN--BCHER-KVA.test', 'user@xn--bcher-kva.test'],
    ['user@b\u00fccher\u3002test', 'user@xn--bcher-kva.test'],
    ['user@\u4f8b\u5b50.\u6d4b\u8bd5', 'user@xn--fsqu00a.xn--0zwm56d'],
    // The root dot, invisible characters, and wide letters.
    ['user@chat.test.', 'user@chat.test'],
    ['\u200buser\u00ad@chat\u2060.test\u00a0', 'user@chat.test'],
    ['\u2068user@chat.test\u2069', 'user@chat.test'],
    ['\uff55ser\uff20chat\uff0etest', 'user@chat.test'],
    ['\u212aate@chat.te\u017ft', 'kate@chat.test'],
    // A look-alike is a different address.
    ['user@ch\u0430t.test', 'user@xn--cht-7cd.test'],
  ])('%j has one canonical form', (written, form) => {
    expect(parseEmailAddress(written)).toBe(form)
  })

  test.each([
    '',
    '@',
    'user',
    'user@',
    '@chat.test',
    'user@@chat.test',
    'user@chat',
    'user@chat..test',
    'user@.chat.test',
    'user@-chat.test',
    'user@127.0.0.1',
    'user@[127.0.0.1]',
    '.user@chat.test',
    'us..er@chat.test',
    '"user x"@chat.test',
    'user x@chat.test',
    'user@chat.test,evil@evil.test',
    'user@chat.test\nBcc: a@evil.test',
    'user@chat.test\0',
    'us\u00e9r@chat.test',
    '\u0443ser@chat.test',
    'user@chat.test..',
    'user@.',
    'user@ex%61mple.test',
    'user@0x7f.1',
    'user@chat_.test',
    'user@b\u00fccher.test/evil',
    'user@chat.test\u2024\u2024evil.test',
    `${'a'.repeat(65)}@chat.test`,
    `a@${'b'.repeat(64)}.test`,
    `a@${'b.'.repeat(130)}test`,
  ])('%j is not one', (written) => {
    expect(() => parseEmailAddress(written)).toThrow('invalid_email')
  })

  test('has a canonical form that is stable, whatever was typed', () => {
    const label = fc.string({
      unit: fc.constantFrom(
        ...'abkKzA09-_.\u00fc\u0075\u0308\u00df\u017f\u212a\u3002\uff41\u200b\u0430',
      ),
      minLength: 1,
      maxLength: 12,
    })
    fc.assert(
      fc.property(label, label, label, (local, one, two) => {
        let form: string
        try {
          form = parseEmailAddress(`${local}@${one}.${two}`)
        } catch {
          return
        }
        expect(form).toMatch(/^[!-~]+@[a-z0-9.-]+$/)
        expect(parseEmailAddress(form)).toBe(form)
        expect(parseEmailAddress(`\u200b${form.toUpperCase()}.`)).toBe(form)
      }),
      { numRuns: 2000 },
    )
  })

  test('is checked in linear time: otherwise this test would not finish', () => {
    for (const hostile of [
      'a.'.repeat(1_000_000),
      `a@${'a-'.repeat(1_000_000)}`,
      'a'.repeat(2_000_000),
    ]) {
      expect(() => parseEmailAddress(hostile)).toThrow('invalid_email')
    }
  })
})

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:0DB8:1::9', '2001:db8:1:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
])('the network of %s is %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})

test.each([
  ['192.0.2.7', '192.0.2.0/24'],
  ['::ffff:192.0.2.200', '192.0.2.0/24'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'],
  ['2001:db8:1::9', '2001:db8:1::/48'],
  ['::1', '0:0:0::/48'],
])('the wide network of %s is %s', (address, network) => {
  expect(wideNetworkOf(address)).toBe(network)
})

test('addresses are masked', () => {
  expect(maskAddress('+4915112345678')).toBe('+49…78')
  expect(maskAddress('alice@chat.test')).toBe('a…@…')
})

describe('hostile strings', () => {
  let auth: AuthUnderTest
  beforeAll(async () => {
    auth = await startAuth()
  })
  afterAll(() => auth[Symbol.asyncDispose]())
  const of = (category: string) => hostile.cases.filter(({ cat }) => cat === category)

  test.each(of('identity'))('$id has a canonical form or is rejected', async ({ s }) => {
    for (const channel of ['phone', 'email'] as const) {
      const answer = await auth.call('POST', `/auth/${channel}/start`, { body: { [channel]: s } })
      if (answer.status === 200) {
        const [row] = await auth.sql`
          select address from auth.challenges where id = ${answer.body.challengeId}`
        expect(row?.address).toMatch(
          channel === 'phone' ? /^\+[0-9]{7,15}$/ : /^[!-~]+@[a-z0-9.-]+$/,
        )
      } else {
        expect(answer.status).toBe(400)
        expect(answer.body.code).toMatch(/^invalid_(request|phone|email)$/)
      }
    }
  })

  test.each(of('otp'))('$id is not a code', async ({ s }) => {
    const { body } = await auth.call('POST', '/auth/phone/start', {
      body: { phone: '+4915112349999' },
    })
    const sent = await auth.codeFor('+4915112349999')
    const answer = await auth.call('POST', '/auth/phone/verify', {
      body: { challengeId: body.challengeId, code: s, device: newDevice() },
    })

    expect(answer.status).toBe(sent === s ? 200 : 400)
  })

  test.each(of('header'))('$id as a header is rejected or ignored', async ({ s }) => {
    const value = (s ?? '').replace(/[\r\n]/g, ' ')
    for (const name of [
      'origin',
      'x-forwarded-for',
      'forwarded',
      'cookie',
      'host',
      'authorization',
    ]) {
      const answer = await auth.app.inject({
        method: 'POST',
        url: '/auth/refresh',
        payload: {},
        headers: { cookie: '__Host-sotto-refresh=x', [name]: value },
      })
      // 200: the header replaced the cookie, and there is no session.
      expect([200, 400, 401, 403]).toContain(answer.statusCode)
      expect(answer.body).not.toContain('token')
      expect(answer.headers).not.toHaveProperty('x-injected')
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin')
    }
  })
})
