import fc from 'fast-check'
import { expect, test } from 'vitest'
import { utf8 } from '../../src/bytes.ts'
import { Header, readHeader, writeHeader } from '../../src/content-header.ts'
import { parseStrictJson } from '../../src/strict-json.ts'
import { headers, runs } from './arbitraries.ts'

/** The schema's verdict, without any fast path. */
const readBySchema = (text: string): Header => Header.parse(parseStrictJson(text))
const writeBySchema = (header: Header): string | undefined => {
  const checked = Header.safeParse(header)
  return checked.success ? JSON.stringify(checked.data) : undefined
}

/** A reader's answer. All rejections are equal. */
function answerOf(read: () => unknown): unknown {
  try {
    return { header: read() }
  } catch {
    return 'refused'
  }
}

const expectSameVerdict = (text: string) =>
  expect(answerOf(() => readHeader(utf8(text)))).toEqual(answerOf(() => readBySchema(text)))

/** Values that replace a part of a header; valid or not. */
const scrap = fc.constantFrom(
  ...['', '0', '1', '-1', '1.0', '1e3', '01', '9007199254740991', '9007199254740992', 'null', '""'],
  ...['"', ',', ',,', ':', '[', ']', '{', '}', ' ', '\n', '\\u0061', 'A', 'f', '\u{feff}', '\0'],
  ...['"counter":1,', '"extra":1,', '"__proto__":{},', '[1]', `"${'k'.repeat(43)}"`],
  `[${Array.from({ length: 65 }, (_, i) => i + 1)}]`,
)

test('reads a header exactly as the schema does', () => {
  fc.assert(
    fc.property(headers, (header) => {
      const text = writeHeader(header) ?? ''
      expect(text).toBe(writeBySchema(header))
      expect(readHeader(utf8(text))).toEqual(header)
      expectSameVerdict(text)
    }),
    runs(200),
  )
})

test('agrees with the schema about a header that is altered anywhere', () => {
  const place = fc.nat(400)
  fc.assert(
    fc.property(headers, place, fc.nat(20), scrap, (header, at, length, other) => {
      const text = writeBySchema(header) ?? ''
      expectSameVerdict(text.slice(0, at) + other + text.slice(at + length))
    }),
    runs(2_000),
  )
})

test('agrees with the schema about a header with another value in any member', () => {
  const value = fc.oneof(
    fc.constantFrom(0, -0, 1, 2 ** 53 - 1, 2 ** 53, 1.5, 1e21, null, true, '', 'image', 'text'),
    fc.constantFrom('00000000-0000-0000-0000-000000000000', 'FFFFFFFF-ffff-ffff-ffff-ffffffffffff'),
    fc.array(fc.constantFrom(1, 0, 2 ** 53, 'k'.repeat(43), 'é'.repeat(43), '"'), {
      maxLength: 66,
    }),
    fc.uuid(),
  )
  const member = fc.constantFrom(...Object.keys(Header.shape), 'extra')
  fc.assert(
    fc.property(headers, member, value, (header, name, other) => {
      const changed = { ...header, [name]: other } as Header
      expect(writeHeader(changed)).toBe(writeBySchema(changed))
      expectSameVerdict(JSON.stringify(changed))
      const { [name as keyof Header]: _, ...rest } = header
      expect(writeHeader(rest as Header)).toBe(writeBySchema(rest as Header))
      expectSameVerdict(JSON.stringify(rest))
      expectSameVerdict(JSON.stringify({ [name]: other, ...header }))
    }),
    runs(1_000),
  )
})
