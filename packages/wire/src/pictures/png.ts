import type { Size } from './size.ts'

// W3C PNG (Third Edition) §5: a signature, then chunks of length, type, data and CRC.
const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
const IHDR_BYTES = 13
const OUTSIDE_DATA = 12

/** The bit depths that each color type may have. */
const depths: Record<number, readonly number[]> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
}
const WITH_PALETTE = 3

// Chunks that may accompany the picture. Excluded are animation chunks (`acTL`, `fcTL`, `fdAT`),
// compressed chunks that grow when they are read (`iCCP`, `iTXt`, `zTXt`), and chunks that no
// decoder needs.
const BESIDE = new Set(
  'PLTE tRNS cHRM cICP gAMA sBIT sRGB bKGD hIST pHYs eXIf tEXt tIME'.split(' '),
)

interface Chunk {
  readonly type: string
  readonly data: Uint8Array
}

/** The size that a PNG declares in its header; undefined if the bytes do not begin like a PNG. */
export function sizeOfPng(bytes: Uint8Array): Size | undefined {
  const header = chunksOf(bytes).next()
  return header.done ? undefined : sizeIn(header.value)
}

/** Whether the bytes are one still PNG and nothing else. */
export function isPlainPng(bytes: Uint8Array): boolean {
  const chunks = [...chunksOf(bytes)]
  const types = chunks.map(({ type }) => type)
  const end =
    SIGNATURE.length + chunks.reduce((sum, { data }) => sum + data.length + OUTSIDE_DATA, 0)
  const [header, ...beside] = types.filter((type) => type !== 'IDAT' && type !== 'IEND')
  const last = chunks.at(-1)
  return (
    end === bytes.length &&
    header === 'IHDR' &&
    last?.type === 'IEND' &&
    last.data.length === 0 &&
    beside.every((type) => BESIDE.has(type)) &&
    isOneRun(types, 'IDAT') &&
    hasItsPalette(chunks)
  )
}

/** Whether all chunks of this type are consecutive, as decoders require. */
function isOneRun(types: readonly string[], type: string): boolean {
  const count = types.filter((one) => one === type).length
  return count > 0 && types.lastIndexOf(type) - types.indexOf(type) === count - 1
}

function hasItsPalette([header, ...chunks]: readonly Chunk[]): boolean {
  const palettes = chunks.filter(({ type }) => type === 'PLTE')
  const first = chunks.find(({ type }) => type === 'PLTE' || type === 'IDAT')
  const needsOne = header?.data[9] === WITH_PALETTE
  if (palettes.length === 0) return !needsOne
  return palettes.length === 1 && first === palettes[0]
}

/** The complete chunks from the beginning; the last one may be `IEND`. */
function* chunksOf(bytes: Uint8Array): Generator<Chunk> {
  if (!SIGNATURE.every((byte, at) => bytes[at] === byte)) return
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = SIGNATURE.length
  while (at + OUTSIDE_DATA <= bytes.length) {
    const length = view.getUint32(at)
    const next = at + OUTSIDE_DATA + length
    if (next > bytes.length) return
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8))
    yield { type, data: bytes.subarray(at + 8, at + 8 + length) }
    if (type === 'IEND') return
    at = next
  }
}

function sizeIn({ type, data }: Chunk): Size | undefined {
  if (type !== 'IHDR' || data.length !== IHDR_BYTES) return undefined
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const [depth = 0, color = 0, compression, filter, interlace = 0] = data.subarray(8)
  const isKnown = depths[color]?.includes(depth) && !compression && !filter && interlace <= 1
  return isKnown ? { width: view.getUint32(0), height: view.getUint32(4) } : undefined
}
