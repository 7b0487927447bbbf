import { crc32, deflateSync } from 'node:zlib'

/** Creates pictures byte by byte, so that each part can be false. */

const bytesOf = (...parts: (string | number[] | Uint8Array)[]) =>
  Buffer.concat(
    parts.map((part) =>
      typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part),
    ),
  )
const uint16 = (value: number) => [value >>> 8, value & 255]
const uint32 = (value: number) => [...uint16(value >>> 16), ...uint16(value & 0xffff)]
const littleEndian = (value: number, bytes: number) =>
  Array.from({ length: bytes }, (_, at) => Math.floor(value / 256 ** at) & 255)

export interface PictureSize {
  width: number
  height: number
}

export function pngChunk(type: string, data: Uint8Array = new Uint8Array()): Uint8Array {
  const named = bytesOf(type, data)
  return bytesOf(uint32(data.length), named, uint32(crc32(named)))
}

const pngHeader = ({ width, height }: PictureSize) =>
  pngChunk('IHDR', bytesOf(uint32(width), uint32(height), [8, 0, 0, 0, 0]))

/** A gray PNG that claims this size; `beside` is inserted between its header and its data. */
export function makePng(size: PictureSize, beside: Uint8Array = new Uint8Array()): Uint8Array {
  const rows = Buffer.alloc(Math.min(size.height, 512) * (Math.min(size.width, 512) + 1))
  const data = pngChunk('IDAT', deflateSync(rows))
  return bytesOf('\x89PNG\r\n\x1a\n', pngHeader(size), beside, data, pngChunk('IEND'))
}

/** A JPEG segment. */
export const jpegSegment = (marker: number, data: Uint8Array | number[]) =>
  bytesOf([0xff, marker], uint16(data.length + 2), data)

export const jpegFrame = ({ width, height }: PictureSize, marker = 0xc0) =>
  jpegSegment(marker, [8, ...uint16(height), ...uint16(width), 1, 1, 0x11, 0])

export const jpegScan = (entropy: number[] = [0x12, 0xff, 0x00, 0x34, 0xff, 0xd0, 0x56]) =>
  bytesOf(jpegSegment(0xda, [1, 1, 0, 0, 63, 0]), entropy)

/** A JPEG that claims this size; `beside` is inserted before its frame. */
export function makeJpeg(
  size: PictureSize,
  beside: Uint8Array = jpegSegment(0xe0, [0x4a, 0x46, 0x49, 0x46, 0]),
  scans: Uint8Array = jpegScan(),
): Uint8Array {
  return bytesOf([0xff, 0xd8], beside, jpegFrame(size), scans, [0xff, 0xd9])
}

export const webpChunk = (type: string, data: Uint8Array | number[]) =>
  bytesOf(type, littleEndian(data.length, 4), data, data.length % 2 === 1 ? [0] : [])

export const vp8 = ({ width, height }: PictureSize) =>
  webpChunk('VP8 ', [
    ...[0x10, 0, 0, 0x9d, 0x01, 0x2a],
    ...littleEndian(width, 2),
    ...littleEndian(height, 2),
    ...[1, 2, 3],
  ])

export const vp8l = ({ width, height }: PictureSize) =>
  webpChunk('VP8L', [0x2f, ...littleEndian(width - 1 + (height - 1) * 2 ** 14, 4), 1, 2, 3, 4, 5])

export const vp8x = ({ width, height }: PictureSize, flags = 0) =>
  webpChunk('VP8X', [flags, 0, 0, 0, ...littleEndian(width - 1, 3), ...littleEndian(height - 1, 3)])

export function makeWebp(...chunks: Uint8Array[]): Uint8Array {
  const body = bytesOf('WEBP', ...chunks)
  return bytesOf('RIFF', littleEndian(body.length, 4), body)
}

/** 48 KB that decode to 20,000 × 20,000 pixels. */
export function makePictureBomb(): Uint8Array {
  const size = { width: 20_000, height: 20_000 }
  const data = pngChunk('IDAT', deflateSync(Buffer.alloc(20_000 * 2_501), { level: 9 }))
  const header = pngChunk('IHDR', bytesOf(uint32(size.width), uint32(size.height), [1, 0, 0, 0, 0]))
  return bytesOf('\x89PNG\r\n\x1a\n', header, data, pngChunk('IEND'))
}
