import type { Size } from './size.ts'

// ITU-T T.81 annex B: two-byte markers, most of them followed by a segment.
const SOI = 0xd8
const EOI = 0xd9
const SOS = 0xda
/** Baseline, extended and progressive, all with Huffman coding: the modes that browsers decode. */
const FRAMES = [0xc0, 0xc1, 0xc2]
/**
 * Tables (DHT, DQT, DRI) and comments. `DNL` is excluded because it would change the height
 * afterwards.
 */
const BESIDE = [0xc4, 0xdb, 0xdd, 0xfe]
const isApplication = (marker: number) => marker >= 0xe0 && marker <= 0xef
const isRestart = (byte: number) => byte >= 0xd0 && byte <= 0xd7

/** A decoder redraws a progressive picture for each scan. Encoders write about ten. */
const MAX_SCANS = 64

interface Segment {
  readonly marker: number
  /** The bytes after the length; empty for a marker without a segment. */
  readonly data: Uint8Array
  /** Where the next marker begins. */
  readonly end: number
}

/** The size that a JPEG declares in its frame; undefined if it has no frame. */
export function sizeOfJpeg(bytes: Uint8Array): Size | undefined {
  for (const { marker, data } of segmentsOf(bytes)) {
    if (FRAMES.includes(marker)) return sizeIn(data)
    if (marker === SOS) return undefined
  }
  return undefined
}

/** Whether the bytes are one still JPEG and nothing else. */
export function isPlainJpeg(bytes: Uint8Array): boolean {
  const segments = [...segmentsOf(bytes)]
  const [first, ...inside] = segments
  const last = inside.pop()
  const markers = inside.map(({ marker }) => marker)
  const frames = markers.filter((marker) => FRAMES.includes(marker))
  const scans = markers.filter((marker) => marker === SOS)
  return (
    first?.marker === SOI &&
    last?.marker === EOI &&
    last.end === bytes.length &&
    frames.length === 1 &&
    scans.length > 0 &&
    scans.length <= MAX_SCANS &&
    markers.indexOf(frames[0] ?? 0) < markers.indexOf(SOS) &&
    markers.every(isKnown)
  )
}

const isKnown = (marker: number) =>
  marker === SOS || FRAMES.includes(marker) || BESIDE.includes(marker) || isApplication(marker)

/** The complete segments from the beginning; the last one may be `EOI`. */
function* segmentsOf(bytes: Uint8Array): Generator<Segment> {
  if (bytes[0] !== 0xff || bytes[1] !== SOI) return
  yield { marker: SOI, data: bytes.subarray(2, 2), end: 2 }
  let at = 2
  while (at < bytes.length) {
    const segment = segmentAt(bytes, at)
    if (!segment) return
    yield segment
    if (segment.marker === EOI) return
    at = segment.end
  }
}

function segmentAt(bytes: Uint8Array, start: number): Segment | undefined {
  if (bytes[start] !== 0xff) return undefined
  let at = start + 1
  // Any number of 0xff fill bytes may precede a marker (B.1.1.2).
  while (bytes[at] === 0xff) at += 1
  const marker = bytes[at]
  at += 1
  if (marker === EOI) return { marker, data: bytes.subarray(at, at), end: at }
  if (marker === undefined || marker < 0xc0 || marker === SOI || isRestart(marker)) return undefined
  const length = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
  if (length < 2 || at + length > bytes.length) return undefined
  const end = at + length
  const data = bytes.subarray(at + 2, end)
  return { marker, data, end: marker === SOS ? endOfScan(bytes, end) : end }
}

/**
 * Where the coded picture after `SOS` ends: at the next marker that is neither stuffing nor a
 * restart.
 */
function endOfScan(bytes: Uint8Array, start: number): number {
  for (let at = bytes.indexOf(0xff, start); at !== -1; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1] ?? 0
    if (next !== 0 && next !== 0xff && !isRestart(next)) return at
  }
  return bytes.length
}

function sizeIn(frame: Uint8Array): Size | undefined {
  const [precision, h1 = 0, h2 = 0, w1 = 0, w2 = 0, components = 0] = frame
  const isKnown = precision === 8 && [1, 3, 4].includes(components)
  if (!isKnown || frame.length !== 6 + 3 * components) return undefined
  return { width: (w1 << 8) | w2, height: (h1 << 8) | h2 }
}
