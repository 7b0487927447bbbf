import type { Size } from './size.ts'

// RFC 9649: RIFF with a length, "WEBP", then chunks of type, length, data, and a padding zero if
// the length is odd.
const RIFF_HEADER_BYTES = 12
const CHUNK_HEADER_BYTES = 8
const EXTENDED = 'VP8X'
const LOSSY = 'VP8 '
const LOSSLESS = 'VP8L'
const ANIMATION_FLAG = 0x02

/**
 * Chunks that may accompany the picture in the extended format. Animation (`ANIM`, `ANMF`) is
 * excluded.
 */
const BESIDE = ['ICCP', 'ALPH', 'EXIF', 'XMP ']

interface Chunk {
  readonly type: string
  readonly data: Uint8Array
}

/**
 * The size that a WebP declares in its first chunk; undefined if the bytes do not begin like a
 * WebP.
 */
export function sizeOfWebp(bytes: Uint8Array): Size | undefined {
  const first = chunksOf(bytes).next()
  if (first.done) return undefined
  return first.value.type === EXTENDED ? canvasIn(first.value) : sizeIn(first.value)
}

/** Whether the bytes are one still WebP and nothing else. */
export function isPlainWebp(bytes: Uint8Array): boolean {
  const chunks = [...chunksOf(bytes)]
  const written = chunks.reduce((sum, chunk) => sum + writtenBytes(chunk), RIFF_HEADER_BYTES)
  return written === bytes.length && riffBytes(bytes) === bytes.length && isOnePicture(chunks)
}

function isOnePicture([first, ...others]: readonly Chunk[]): boolean {
  if (first?.type !== EXTENDED) return others.length === 0
  const pictures = others.filter(isPicture)
  const [canvas, size] = [canvasIn(first), pictures[0] && sizeIn(pictures[0])]
  return (
    ((first.data[0] ?? 0) & ANIMATION_FLAG) === 0 &&
    pictures.length === 1 &&
    others.every((chunk) => isPicture(chunk) || BESIDE.includes(chunk.type)) &&
    canvas !== undefined &&
    canvas.width === size?.width &&
    canvas.height === size.height
  )
}

const isPicture = ({ type }: Chunk) => type === LOSSY || type === LOSSLESS

const writtenBytes = ({ data }: Chunk) => CHUNK_HEADER_BYTES + data.length + (data.length % 2)

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** The size of the whole file in bytes, as its header declares it. */
const riffBytes = (bytes: Uint8Array) => viewOf(bytes).getUint32(4, true) + CHUNK_HEADER_BYTES

const textAt = (bytes: Uint8Array, at: number) => String.fromCharCode(...bytes.subarray(at, at + 4))

/** The complete chunks from the beginning. */
function* chunksOf(bytes: Uint8Array): Generator<Chunk> {
  if (bytes.length < RIFF_HEADER_BYTES) return
  if (textAt(bytes, 0) !== 'RIFF' || textAt(bytes, 8) !== 'WEBP') return
  const view = viewOf(bytes)
  let at = RIFF_HEADER_BYTES
  while (at + CHUNK_HEADER_BYTES <= bytes.length) {
    const length = view.getUint32(at + 4, true)
    const start = at + CHUNK_HEADER_BYTES
    const chunk = { type: textAt(bytes, at), data: bytes.subarray(start, start + length) }
    const end = at + CHUNK_HEADER_BYTES + length + (length % 2)
    if (end > bytes.length) return
    yield chunk
    at = end
  }
}

function canvasIn({ data }: Chunk): Size | undefined {
  if (data.length !== 10) return undefined
  const view = viewOf(data)
  const uint24 = (at: number) => view.getUint16(at, true) | (view.getUint8(at + 2) << 16)
  return { width: uint24(4) + 1, height: uint24(7) + 1 }
}

function sizeIn({ type, data }: Chunk): Size | undefined {
  if (data.length < 10) return undefined
  const view = viewOf(data)
  if (type === LOSSY) {
    // RFC 6386 §9.1: a key frame, its start code, then 14 bits for each side; the upper two bits
    // are for scaling.
    const isKeyFrame =
      ((data[0] ?? 1) & 1) === 0 && data[3] === 0x9d && data[4] === 1 && data[5] === 0x2a
    if (!isKeyFrame) return undefined
    return { width: view.getUint16(6, true) & 0x3fff, height: view.getUint16(8, true) & 0x3fff }
  }
  if (type !== LOSSLESS || data[0] !== 0x2f) return undefined
  const bits = view.getUint32(1, true)
  const isKnownVersion = bits >>> 29 === 0
  return isKnownVersion
    ? { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
    : undefined
}
