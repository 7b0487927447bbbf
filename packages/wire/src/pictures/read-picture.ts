import { MAX_PICTURE_BYTES, MAX_PICTURE_SIDE } from '../limits.ts'
import { isPlainJpeg, sizeOfJpeg } from './jpeg.ts'
import { isPlainPng, sizeOfPng } from './png.ts'
import type { Size } from './size.ts'
import { isPlainWebp, sizeOfWebp } from './webp.ts'

/**
 * Reads picture headers to decide about a picture before anything decodes it: a server before it
 * stores a picture, a device before it passes one to the browser. Nothing here decompresses or
 * draws.
 */

export type PictureKind = 'png' | 'jpeg' | 'webp'

const formats = [
  { kind: 'png', sizeOf: sizeOfPng, isPlain: isPlainPng },
  { kind: 'jpeg', sizeOf: sizeOfJpeg, isPlain: isPlainJpeg },
  { kind: 'webp', sizeOf: sizeOfWebp, isPlain: isPlainWebp },
] as const

/**
 * The size that a file declares for the decoded picture; undefined if it is none of the three
 * kinds.
 */
export function measurePicture(bytes: Uint8Array): (Size & { kind: PictureKind }) | undefined {
  for (const { kind, sizeOf } of formats) {
    const size = sizeOf(bytes)
    if (size && size.width > 0 && size.height > 0) return { kind, ...size }
  }
  return undefined
}

/**
 * The kind of a picture that may be shown to others; undefined for everything else. Allowed is one
 * still picture, small in bytes and in pixels, with nothing after its end (PROTOCOL.md §3.1).
 */
export function kindOfPicture(bytes: Uint8Array): PictureKind | undefined {
  if (bytes.length > MAX_PICTURE_BYTES) return undefined
  const measured = measurePicture(bytes)
  if (!measured || Math.max(measured.width, measured.height) > MAX_PICTURE_SIDE) return undefined
  const format = formats.find(({ kind }) => kind === measured.kind)
  return format?.isPlain(bytes) ? measured.kind : undefined
}
