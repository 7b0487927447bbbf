import { identity, ids, NOW, tagOf } from './people.ts'
import { b64u, sha256, uint32, utf8 } from './primitives.ts'

/** Content (PROTOCOL.md §6) and `sotto/contents.json`. */

const BUCKETS = [512, 1024, 2048, 4096, 8192, 16384, 32768, 73728]

export const header = {
  type: 'text',
  conversation: ids.conversation,
  message: ids.message,
  account: ids.alice,
  device: ids.aliceDevice,
  to: tagOf(ids.bob, identity.bob.publicKey),
  record: 1,
  manifest: 1,
  counter: 1,
  skipped: [] as number[],
  sentAt: NOW,
  recipients: [] as string[],
}
export type Header = typeof header

/** The parts of content before padding; `lengths` overrides their length fields. */
function unpadded(head: Buffer, body: Buffer, lengths = [head.length, body.length]): Buffer {
  const [headLength = 0, bodyLength = 0] = lengths
  return Buffer.concat([Buffer.from([1]), uint32(headLength), head, uint32(bodyLength), body])
}

function fill(bytes: Buffer, size = BUCKETS.find((bucket) => bucket >= bytes.length)): Buffer {
  if (size === undefined) throw new RangeError('No bucket is large enough')
  return Buffer.concat([bytes, Buffer.alloc(size - bytes.length)])
}

/** Content as its sender encodes it. */
export function encode(fields: object, text: string): Buffer {
  return fill(unpadded(utf8(JSON.stringify(fields)), utf8(text)))
}

/** Bytes for a vector file: repeated bytes at the end are counted instead of written out. */
function shorten(bytes: Buffer): (string | { byte: number; times: number })[] {
  let end = bytes.length
  while (end > 0 && bytes[end - 1] === 0) end -= 1
  let start = end
  while (start > 0 && bytes[start - 1] === bytes[end - 1]) start -= 1
  const isRun = end - start > 64
  const run = { byte: bytes[end - 1] ?? 0, times: end - start }
  const zeros = { byte: 0, times: bytes.length - end }
  return [
    b64u(bytes.subarray(0, isRun ? start : end)),
    ...(isRun ? [run] : []),
    ...(zeros.times > 0 ? [zeros] : []),
  ]
}

type Text = string | { readonly repeat: string; readonly times: number }
const textOf = (text: Text) => (typeof text === 'string' ? text : text.repeat.repeat(text.times))

function accepted(): [id: string, fields: object, text: Text][] {
  const overhead = unpadded(utf8(JSON.stringify(header)), Buffer.alloc(0)).length
  const filling = (bucket: number, more = 0): [string, object, Text] => [
    `text-that-fills-${bucket}${more > 0 ? '-and-more' : ''}`,
    header,
    { repeat: 'a', times: bucket - overhead + more },
  ]
  const top = Number.MAX_SAFE_INTEGER
  const bounds = { record: 4_294_967_295, manifest: 4_294_967_295, counter: top, sentAt: top }
  return [
    ['hello', header, 'the canary sings at dawn'],
    ['one-byte', header, 'a'],
    ['beyond-ascii', header, 'Zoë 👩‍🚀 \u0000 \u2028'],
    ['lowest-numbers', { ...header, sentAt: 0 }, 'a'],
    ['highest-numbers', { ...header, ...bounds, skipped: [1, top] }, 'a'],
    ['64-skipped', { ...header, skipped: Array.from({ length: 64 }, (_, i) => i + 1) }, 'a'],
    ['type-unknown', { ...header, type: 'image' }, 'a'],
    ['two-recipients', { ...header, recipients: [header.to, header.to] }, 'a'],
    ...BUCKETS.slice(0, -1).flatMap((bucket) => [filling(bucket), filling(bucket, 1)]),
    ['longest-text', header, { repeat: 'a', times: 65_536 }],
  ]
}

/** Headers that are valid, but not written as our own devices write them. */
function otherSpellings(): [id: string, head: string][] {
  const { type, ...rest } = header
  return [
    ['header-reordered', JSON.stringify({ ...rest, type })],
    ['header-with-blanks', JSON.stringify(header, null, 1)],
    ['header-with-escapes', JSON.stringify(header).replace('"type"', '"\\u0074ype"')],
  ]
}

function refusedHeaders(): [id: string, head: string][] {
  const text = JSON.stringify(header)
  const write = (changes: object) => JSON.stringify({ ...header, ...changes })
  const as = (member: string, value: string) =>
    text.replace(new RegExp(`"${member}":(\\d+|\\[\\])`), `"${member}":${value}`)
  const missing = Object.keys(header).map((name): [string, string] => [
    `${name}-missing`,
    write({ [name]: undefined }),
  ])
  const numbers = ['record', 'manifest', 'counter', 'sentAt'].flatMap(
    (name): [string, string][] => [
      [`${name}-negative`, as(name, '-1')],
      [`${name}-minus-zero`, as(name, '-0')],
      [`${name}-with-fraction`, as(name, '1.0')],
      [`${name}-with-exponent`, as(name, '1e0')],
      [`${name}-as-text`, as(name, '"1"')],
      [`${name}-too-large`, as(name, '9007199254740992')],
    ],
  )
  return [
    ...missing,
    ...numbers,
    ['record-0', as('record', '0')],
    ['record-33-bits', as('record', '4294967296')],
    ['manifest-0', as('manifest', '0')],
    ['manifest-33-bits', as('manifest', '4294967296')],
    ['counter-0', as('counter', '0')],
    ['skipped-0', as('skipped', '[0]')],
    ['skipped-with-fraction', as('skipped', '[2.0]')],
    ['skipped-too-large', as('skipped', '[9007199254740992]')],
    ['65-skipped', write({ skipped: Array(65).fill(1) })],
    ['65-recipients', write({ recipients: Array(65).fill(header.to) })],
    ['recipient-short', write({ recipients: [header.to.slice(1)] })],
    ['to-short', write({ to: header.to.slice(1) })],
    ['type-in-upper-case', write({ type: 'Text' })],
    ['type-empty', write({ type: '' })],
    ['type-too-long', write({ type: 't'.repeat(33) })],
    ['id-in-upper-case', write({ account: ids.alice.toUpperCase() })],
    ['id-without-hyphens', write({ device: ids.aliceDevice.replaceAll('-', '') })],
    ['unknown-member', write({ extra: true })],
    ['duplicate-member', text.replace('{', '{"counter":1,')],
    ['duplicate-member-escaped', text.replace('{', '{"\\u0063ounter":1,')],
    ['proto-member', text.replace('{', '{"__proto__":{},')],
    ['byte-order-mark', `\ufeff${text}`],
    ['trailing-comma', text.replace(/}$/, ',}')],
    ['two-values', `${text}{}`],
    ['array', `[${text}]`],
  ]
}

function refusedBytes(): [id: string, bytes: Buffer][] {
  const head = utf8(JSON.stringify(header))
  const body = utf8('the canary sings at dawn')
  const good = encode(header, 'the canary sings at dawn')
  const with0 = (index: number, value: number) => {
    const changed = Buffer.from(good)
    changed[index] = value
    return changed
  }
  return [
    ['nothing', Buffer.alloc(0)],
    ['only-zeros', Buffer.alloc(512)],
    ['version-0', with0(0, 0)],
    ['version-2', with0(0, 2)],
    ['padding-not-zero', with0(good.length - 1, 1)],
    ['padding-begins-with-80', with0(unpadded(head, body).length, 0x80)],
    ['not-padded', unpadded(head, body)],
    ['padded-to-16', fill(unpadded(head, body), 16 * Math.ceil((head.length + 60) / 16))],
    ['larger-bucket', fill(unpadded(head, body), 1024)],
    ['largest-bucket', fill(unpadded(head, body), 73_728)],
    ['truncated', good.subarray(0, -1)],
    ['header-length-too-long', fill(unpadded(head, body, [0xffff_ffff, body.length]))],
    ['header-length-one-more', fill(unpadded(head, body, [head.length + 1, body.length]))],
    ['body-length-too-long', fill(unpadded(head, body, [head.length, 0xffff_ffff]))],
    ['body-length-one-less', fill(unpadded(head, body, [head.length, body.length - 1]))],
    ['body-empty', fill(unpadded(head, Buffer.alloc(0)))],
    ['body-too-long', fill(unpadded(head, Buffer.alloc(65_537, 'a')))],
    ['body-not-utf8', fill(unpadded(head, Buffer.from('c328', 'hex')))],
    ['body-with-surrogate', fill(unpadded(head, Buffer.from('eda080', 'hex')))],
    ['header-empty', fill(unpadded(Buffer.alloc(0), body))],
    ['header-not-utf8', fill(unpadded(Buffer.concat([head, Buffer.from([0xff])]), body))],
  ]
}

export function contentVectors() {
  const body = utf8('the canary sings at dawn')
  return {
    format: 'sotto-contents/1',
    about: [
      'PROTOCOL.md section 6. `bytes` are parts to put together: base64url, or one byte many times.',
      '`accept` must decode to `header` and `text`; with `canonical`, these must encode to `bytes`, whose SHA-256 is `sha256`. A long `text` is given as `repeat`, so many `times`.',
      '`refuse` must end in `cannot_decrypt`.',
    ].join(' '),
    cases: [
      ...accepted().map(([id, fields, text]) => {
        const bytes = encode(fields, textOf(text))
        const digest = b64u(sha256(bytes))
        const shown = { header: fields, text, bytes: shorten(bytes), sha256: digest }
        return { id, expect: 'accept', canonical: true, ...shown }
      }),
      ...otherSpellings().map(([id, head]) => ({
        id,
        expect: 'accept',
        canonical: false,
        header,
        text: body.toString(),
        bytes: shorten(fill(unpadded(utf8(head), body))),
      })),
      ...refusedHeaders().map(([id, head]) => ({
        id: `header-${id}`,
        expect: 'refuse',
        bytes: shorten(fill(unpadded(utf8(head), body))),
      })),
      ...refusedBytes().map(([id, bytes]) => ({ id, expect: 'refuse', bytes: shorten(bytes) })),
    ],
  }
}
