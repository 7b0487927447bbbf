import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseEmailAddress } from '../../src/addresses/email-address.ts'

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
