import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseEmailAddress } from '../src/domain/email-address.ts'
import { networkOf } from '../src/domain/network-of.ts'
import { parsePhoneNumber } from '../src/domain/phone-number.ts'
import { maskAddress } from '../src/senders/mask-address.ts'
import { type AuthUnderTest, newDevice, startAuth } from './auth-under-test.ts'
import hostile from './vectors/hostile-strings.json' with { type: 'json' }

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
  ])('%s has one form', (written) => {
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
  ])('%j is none', (written) => {
    expect(() => parsePhoneNumber(written, 'DE')).toThrow('invalid_phone')
  })

  test.each([
    '0049 151 12345678',
    '00 49 151 12345678',
    '+49 151 12345678',
    '\u0660\u0660\u0664\u0669 151 12345678',
  ])('%s needs no country', (written) => {
    expect(parsePhoneNumber(written)).toBe('+4915112345678')
    // Where people dial 011 and not 00.
    expect(parsePhoneNumber(written, 'US')).toBe('+4915112345678')
  })

  test.each(['0151 12345678', '151 12345678', '4915112345678'])(
    '%s has no country code and needs a country',
    (written) => {
      expect(() => parsePhoneNumber(written)).toThrow('invalid_phone')
    },
  )

  test('00 means + once', () => {
    expect(() => parsePhoneNumber('000049 151 12345678', 'DE')).toThrow('invalid_phone')
    expect(() => parsePhoneNumber('00', 'DE')).toThrow('invalid_phone')
  })
})

describe('an e-mail address', () => {
  test.each([
    ['user@chat.test', 'user@chat.test'],
    ['USER@Chat.TEST', 'user@chat.test'],
    ['  user@chat.test ', 'user@chat.test'],
    ["o'brien+tag@mail.chat.test", "o'brien+tag@mail.chat.test"],
    ['user@xn--cht-dla.test', 'user@xn--cht-dla.test'],
  ])('%j has one form', (written, form) => {
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
    'user@chat.te\u017ft',
    '\u212aate@chat.test',
    'user\u200b@chat.test',
    'user@ch\u0430t.test',
    '\uff55ser@chat.test',
    `${'a'.repeat(65)}@chat.test`,
    `a@${'b'.repeat(64)}.test`,
    `a@${'b.'.repeat(130)}test`,
  ])('%j is none', (written) => {
    expect(() => parseEmailAddress(written)).toThrow('invalid_email')
  })

  test('is checked in linear time', () => {
    const started = performance.now()
    for (const hostile of [
      'a.'.repeat(100_000),
      `a@${'a-'.repeat(100_000)}`,
      'a'.repeat(200_000),
    ]) {
      expect(() => parseEmailAddress(hostile)).toThrow('invalid_email')
    }
    expect(performance.now() - started).toBeLessThan(150)
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

test('an address is shown masked', () => {
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

  test.each(of('identity'))('$id has one form or is refused', async ({ s }) => {
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

  test.each(of('otp'))('$id is no code', async ({ s }) => {
    const { body } = await auth.call('POST', '/auth/phone/start', {
      body: { phone: '+4915112349999' },
    })
    const sent = await auth.codeFor('+4915112349999')
    const answer = await auth.call('POST', '/auth/phone/verify', {
      body: { challengeId: body.challengeId, code: s, device: newDevice() },
    })

    expect(answer.status).toBe(sent === s ? 200 : 400)
  })

  test.each(of('header'))('$id as a header is refused or ignored', async ({ s }) => {
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
      // 200: the header took the cookie's place, and nobody is logged in.
      expect([200, 400, 401, 403]).toContain(answer.statusCode)
      expect(answer.body).not.toContain('token')
      expect(answer.headers).not.toHaveProperty('x-injected')
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin')
    }
  })
})
