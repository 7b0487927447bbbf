import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { decodeBase64url, encodeBase64url } from '../src/index.ts'
import { parseStrictJson } from '../src/strict-json.ts'

test('every byte string has exactly one base64url encoding', () => {
  const wrong = [
    ...['A', 'AAAAA', 'AB', 'AAB', 'AA=', 'AA==', 'A A', ' AA', 'AA\n', '++', '//', 'é', 'AA\0'],
    '\u0141A',
  ]
  for (const text of wrong) {
    expect(() => decodeBase64url(text), text).toThrow(
      expect.objectContaining({ code: 'bad_encoding' }),
    )
  }
  expect(decodeBase64url('')).toEqual(new Uint8Array(0))
  expect(encodeBase64url(Uint8Array.of(0xfb, 0xff))).toBe('-_8')
})

test('an engine with native base64url support writes the same text', () => {
  const module = join(import.meta.dirname, '../src/base64url.ts')
  const program = `
    import { encodeBase64url } from ${JSON.stringify(module)}
    const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i)
    console.log(typeof bytes.toBase64)
    for (const length of [0, 1, 2, 3, 1000]) console.log(encodeBase64url(bytes.subarray(0, length)))`
  const flags = ['--js-base-64', '--no-warnings', '--input-type=module', '--eval', program]
  const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i)

  const lines = execFileSync(process.execPath, flags, { encoding: 'utf8' }).trimEnd().split('\n')

  expect(lines).toEqual([
    'function',
    ...[0, 1, 2, 3, 1000].map((length) => encodeBase64url(bytes.subarray(0, length))),
  ])
})

test('rejects JSON that two parsers could interpret differently', () => {
  const wrong = [
    '{"a":1,"a":1}',
    '{"a":1,"\\u0061":2}',
    '{"b":[{"a":1,"a":2}]}',
    '{"__proto__":1}',
    '{"a":{"__proto__":{}}}',
    '{"\\u005f_proto__":1}',
    '{"a":1',
    '{"a":1}x',
    "{'a':1}",
    '',
    '\ufeff{}',
  ]
  for (const text of wrong) expect(() => parseStrictJson(text), text).toThrow()
  expect(() => parseStrictJson(Uint8Array.of(0x22, 0xff, 0x22))).toThrow()
  expect(Object.prototype).not.toHaveProperty('polluted')
})

test('the same name in different objects or as a value is not ambiguous', () => {
  const texts = ['[{"a":1},{"a":2}]', '{"a":{"a":"a"},"b":["a","a"]}', '{"x":"__proto__"}', '"a:b"']
  for (const text of texts) expect(parseStrictJson(text)).toEqual(JSON.parse(text))
  expect(parseStrictJson('{"\\"a":"{\\"a\\":1,", "a":"}"}')).toEqual({ '"a': '{"a":1,', a: '}' })
})

test('deep and long JSON is parsed or rejected immediately', () => {
  expect(() => parseStrictJson('['.repeat(100_000))).toThrow()
  expect(() => parseStrictJson('{"":'.repeat(50_000))).toThrow()
  expect(parseStrictJson(`"${'\\\\'.repeat(100_000)}"`)).toHaveLength(100_000)
})
