import { MAX_TEXT_BYTES } from '@sotto/wire'
import { expect, test } from 'vitest'
import { concat, uint32, utf8 } from '../src/bytes.ts'
import { type Content, DecryptError, decodeContent, encodeContent } from '../src/index.ts'
import { contentOf } from './people.ts'

const content: Content = { ...contentOf(), recipients: [] }

/** Builds content by hand, so that any part can be invalid. */
function byHand(parts: { version?: number; header?: unknown; body?: Uint8Array; size?: number }) {
  const { text, ...fields } = content
  const header = parts.header ?? fields
  const headerBytes = utf8(typeof header === 'string' ? header : JSON.stringify(header))
  const body = parts.body ?? utf8(text)
  const version = Uint8Array.of(parts.version ?? 1)
  const bytes = concat(version, uint32(headerBytes.length), headerBytes, uint32(body.length), body)
  const padded = new Uint8Array(parts.size ?? 512)
  padded.set(bytes)
  return padded
}

test('encodes content as the protocol describes', () => {
  expect(encodeContent(content)).toEqual(byHand({}))
  expect(decodeContent(byHand({}))).toEqual(content)
})

test('pads content to eight bucket sizes', () => {
  const sizes = [1, 300, 900, 3000, 7000, 15_000, 30_000, MAX_TEXT_BYTES].map((length) => {
    return encodeContent({ ...content, text: 'x'.repeat(length) }).length
  })

  expect(sizes).toEqual([512, 1024, 2048, 4096, 8192, 16_384, 32_768, 73_728])
})

test('the largest header and the largest text fit together', () => {
  const largest: Content = {
    ...content,
    counter: Number.MAX_SAFE_INTEGER,
    skipped: Array.from({ length: 64 }, () => Number.MAX_SAFE_INTEGER),
    sentAt: Number.MAX_SAFE_INTEGER,
    recipients: Array.from({ length: 64 }, () => 'k'.repeat(43)),
    text: 'x'.repeat(MAX_TEXT_BYTES),
  }

  expect(decodeContent(encodeContent(largest))).toEqual(largest)
})

test('text survives encoding byte for byte', () => {
  for (const text of ['\u{feff}bom', '\0', 'e\u0301 é', '👩‍👩‍👧', '\u202eabc', '<script>']) {
    expect(decodeContent(encodeContent({ ...content, text })).text).toBe(text)
  }
})

test('refuses text that would not survive encoding', () => {
  for (const text of ['', '\ud800', 'x'.repeat(MAX_TEXT_BYTES + 1), 'é'.repeat(MAX_TEXT_BYTES)]) {
    expect(() => encodeContent({ ...content, text })).toThrow(
      expect.objectContaining({ code: 'bad_content' }),
    )
  }
})

test('rejects anything that we would not write', () => {
  const { text: _, ...header } = content
  const { sentAt: __, ...incomplete } = header
  const nonZero = byHand({})
  nonZero[511] = 1
  const wrong = [
    new Uint8Array(0),
    new Uint8Array(512),
    byHand({}).subarray(0, 511),
    byHand({ version: 2 }),
    byHand({ size: 1024 }),
    byHand({ body: new Uint8Array(0) }),
    byHand({ body: Uint8Array.of(0xff) }),
    byHand({ header: incomplete }),
    byHand({ header: { ...header, extra: 1 } }),
    byHand({ header: { ...header, type: 'Image' } }),
    byHand({ header: { ...header, counter: 0 } }),
    byHand({ header: { ...header, counter: '1' } }),
    byHand({ header: { ...header, account: header.account.toUpperCase() } }),
    byHand({ header: { ...header, skipped: Array.from({ length: 65 }, () => 1) }, size: 1024 }),
    byHand({ header: JSON.stringify(header).replace('{', '{"counter":1,') }),
    byHand({ header: '{' }),
    concat(Uint8Array.of(1), uint32(0xffffffff), new Uint8Array(507)),
    nonZero,
  ]
  for (const bytes of wrong) expect(() => decodeContent(bytes)).toThrow(DecryptError)
})
