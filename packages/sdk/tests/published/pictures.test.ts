import { encodeBase64url } from '@sotto/crypto'
import { expect, test } from 'vitest'
import {
  makeJpeg,
  makePictureBomb,
  makePng,
  makeWebp,
  vp8,
  vp8x,
} from '../../../../tests/services/made-pictures.ts'
import { pictureOf, pictureUrl, publishablePicture } from '../../src/published/pictures.ts'

const size = { width: 200, height: 200 }
const urlOf = (kind: string, bytes: Uint8Array) =>
  `data:image/${kind};base64,${Buffer.from(bytes).toString('base64')}`

test('a small still picture is shown with the type of its bytes', () => {
  for (const [kind, bytes] of [
    ['png', makePng(size)],
    ['jpeg', makeJpeg(size)],
    ['webp', makeWebp(vp8(size))],
  ] as const) {
    expect(pictureUrl(encodeBase64url(bytes))).toBe(urlOf(kind, bytes))
    expect(pictureOf(urlOf(kind, bytes))).toBe(encodeBase64url(bytes))
  }
})

test.each([
  ['would exhaust memory', makePictureBomb()],
  ['would exhaust memory as a JPEG', makeJpeg({ width: 65_000, height: 65_000 })],
  ['is animated', makeWebp(vp8x(size, 0x02), vp8(size))],
  ['has data after its end', Buffer.concat([makePng(size), Buffer.from('PK')])],
  ['is not an image', Buffer.from('<svg onload="alert(1)"/>')],
])('a picture that %s is neither shown nor published, wherever it came from', (_, bytes) => {
  expect(pictureUrl(encodeBase64url(bytes))).toBeNull()
  expect(publishablePicture(encodeBase64url(bytes))).toBeNull()
  expect(() => pictureOf(urlOf('png', bytes))).toThrow('invalid_picture')
})

test('a picture labeled with another type is refused', () => {
  expect(() => pictureOf(urlOf('png', makeJpeg(size)))).toThrow('invalid_picture')
})

test('invalid base64url is not shown', () => {
  expect(pictureUrl('=')).toBeNull()
  expect(pictureUrl('a')).toBeNull()
})
