import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  jpegFrame,
  jpegScan,
  jpegSegment,
  makeJpeg,
  makePictureBomb,
  makePng,
  makeWebp,
  type PictureSize,
  pngChunk,
  vp8,
  vp8l,
  vp8x,
  webpChunk,
} from '../../../tests/services/made-pictures.ts'
import { kindOfPicture, MAX_PICTURE_BYTES, MAX_PICTURE_SIDE, measurePicture } from '../src/index.ts'

const small = { width: 256, height: 200 }
const join = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts))

/** Creates a picture of each kind. */
const makers: [string, (size: PictureSize) => Uint8Array][] = [
  ['png', makePng],
  ['jpeg', makeJpeg],
  ['webp', (size) => makeWebp(vp8(size))],
  ['webp', (size) => makeWebp(vp8l(size))],
  ['webp', (size) => makeWebp(vp8x(size), webpChunk('ICCP', [1, 2, 3]), vp8(size))],
]

test.each(makers)('accepts a small still picture: %s', (kind, make) => {
  expect(kindOfPicture(make(small))).toBe(kind)
  expect(kindOfPicture(make({ width: MAX_PICTURE_SIDE, height: 1 }))).toBe(kind)
  expect(measurePicture(make({ width: 9000, height: 7 }))).toEqual({ kind, width: 9000, height: 7 })
})

test('rejects a file of 48 KB that would decode to 400 million pixels', () => {
  const bomb = makePictureBomb()
  expect(bomb.length).toBeLessThan(MAX_PICTURE_BYTES)
  expect(measurePicture(bomb)).toMatchObject({ width: 20_000, height: 20_000 })
  expect(kindOfPicture(bomb)).toBeUndefined()
})

describe.each(makers)('rejects a picture that is too large: %s', (_, make) => {
  const side = MAX_PICTURE_SIDE + 1
  test.each([
    { width: side, height: 1 },
    { width: 1, height: side },
    { width: 16_383, height: 16_383 },
  ])('$width × $height', (size) => {
    expect(kindOfPicture(make(size))).toBeUndefined()
  })
})

test.each([
  ['PNG without width', makePng({ width: 0, height: 4 })],
  ['JPEG whose height comes later', makeJpeg({ width: 4, height: 0 })],
  ['WebP without height', makeWebp(vp8({ width: 4, height: 0 }))],
  ['animated PNG', makePng(small, pngChunk('acTL', new Uint8Array(8)))],
  ['PNG with frames only', makePng(small, pngChunk('fcTL', new Uint8Array(26)))],
  ['PNG with a compressed profile', makePng(small, pngChunk('iCCP', new Uint8Array(40)))],
  ['PNG with compressed text', makePng(small, pngChunk('zTXt', new Uint8Array(40)))],
  ['PNG with an unknown chunk', makePng(small, pngChunk('prVt', new Uint8Array(4)))],
  ['PNG with two headers', makePng(small, makePng(small).subarray(8, 33))],
  [
    'PNG whose data chunks are not consecutive',
    makePng(small, join(pngChunk('IDAT'), pngChunk('gAMA'))),
  ],
  ['animated WebP', makeWebp(vp8x(small, 0x02), vp8(small))],
  [
    'WebP with animation frames',
    makeWebp(vp8x(small), webpChunk('ANIM', [0, 0, 0, 0, 0, 0]), vp8(small)),
  ],
  [
    'WebP whose picture has another size',
    makeWebp(vp8x(small), vp8({ width: 9999, height: 9999 })),
  ],
  ['WebP with two pictures', makeWebp(vp8x(small), vp8(small), vp8(small))],
  ['WebP without a picture', makeWebp(vp8x(small))],
  ['WebP with a chunk after its picture', makeWebp(vp8(small), webpChunk('EXIF', [1, 2]))],
  ['JPEG with two frames', makeJpeg(small, jpegFrame({ width: 1, height: 1 }))],
  ['JPEG that sets its height at the end', makeJpeg(small, jpegSegment(0xdc, [0xff, 0xff]))],
  ['JPEG with too many scans', makeJpeg(small, undefined, join(...Array(65).fill(jpegScan())))],
  ['lossless JPEG', makeJpeg(small, jpegFrame(small, 0xc3))],
  ['GIF', new TextEncoder().encode('GIF89a\x01\x00\x01\x00\x00\x00\x00;')],
  ['SVG', new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg"/>')],
  ['only the first bytes of a PNG', makePng(small).subarray(0, 8)],
  ['nothing', new Uint8Array()],
])('rejects %s', (_, bytes) => {
  expect(kindOfPicture(bytes)).toBeUndefined()
})

test('accepts as many repeated scans as encoders write', () => {
  const scans = join(...Array(12).fill(jpegScan()))
  expect(kindOfPicture(makeJpeg(small, undefined, scans))).toBe('jpeg')
})

test('rejects a picture with too many bytes, whatever they contain', () => {
  const padded = makePng(small, pngChunk('tEXt', new Uint8Array(MAX_PICTURE_BYTES)))
  expect(kindOfPicture(padded)).toBeUndefined()
})

const sides = fc.integer({ min: 1, max: 16_383 })
const made = fc
  .record({ maker: fc.constantFrom(...makers), size: fc.record({ width: sides, height: sides }) })
  .map(({ maker: [, make], size }) => make(size))
const damaged = fc
  .tuple(made, fc.array(fc.tuple(fc.nat(400), fc.integer({ min: 0, max: 255 })), { maxLength: 6 }))
  .map(([bytes, changes]) => {
    const copy = Uint8Array.from(bytes)
    for (const [at, byte] of changes) if (at < copy.length) copy[at] = byte
    return copy
  })

test('arbitrary bytes never throw, and nothing above the limit is accepted', () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), made, damaged), (bytes) => {
      const kind = kindOfPicture(bytes)
      const measured = measurePicture(bytes)
      if (kind === undefined) return
      expect(measured?.kind).toBe(kind)
      expect(measured?.width).toBeLessThanOrEqual(MAX_PICTURE_SIDE)
      expect(measured?.height).toBeLessThanOrEqual(MAX_PICTURE_SIDE)
    }),
    { numRuns: 2000 },
  )
})

test('rejects a valid picture when it is truncated or followed by other bytes', () => {
  const size = fc.record({ width: fc.integer({ min: 1, max: 512 }), height: fc.constant(9) })
  const taken = fc.tuple(fc.constantFrom(...makers), size).map(([[, make], of]) => make(of))
  fc.assert(
    fc.property(
      taken,
      fc.nat(),
      fc.uint8Array({ minLength: 1, maxLength: 40 }),
      (bytes, at, more) => {
        expect(kindOfPicture(bytes)).toBeDefined()
        expect(kindOfPicture(bytes.subarray(0, at % bytes.length))).toBeUndefined()
        expect(kindOfPicture(join(bytes, more))).toBeUndefined()
      },
    ),
  )
})
