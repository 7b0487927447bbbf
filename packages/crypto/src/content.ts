import { isWellFormed, MAX_TEXT_BYTES } from '@sotto/wire'
import { type Bytes, utf8Length } from './bytes.ts'
import { type Header, readHeader, writeHeader } from './content-header.ts'
import { CryptoError, DecryptError } from './errors.ts'

const VERSION = 1
const LENGTH_BYTES = 4

/** The sizes to which content is padded, so that a ciphertext reveals little about its text. */
const BUCKETS = [512, 1024, 2048, 4096, 8192, 16384, 32768, 73728]

/** A message as its sender wrote it: the header (PROTOCOL.md §6) and the body, which is text. */
export interface Content extends Header {
  text: string
}

/** Content before it is sealed. The protocol fills in the recipients. */
export type OutgoingContent = Omit<Content, 'recipients'>

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Encodes content as padded bytes. Throws `bad_content` for text that is empty, too long or
 * contains lone surrogates.
 */
export function encodeContent({ text, ...fields }: Content): Bytes {
  const header = writeHeader(fields)
  // Check well-formedness first: a lone surrogate has no length in UTF-8.
  if (header === undefined || !isWellFormed(text) || !isTextSize(utf8Length(text))) {
    throw new CryptoError('bad_content')
  }
  const bodyAt = 1 + LENGTH_BYTES + utf8Length(header)
  const padded = new Uint8Array(bucketFor(bodyAt + LENGTH_BYTES + utf8Length(text)))
  padded[0] = VERSION
  writePart(padded, 1, header)
  writePart(padded, bodyAt, text)
  return padded
}

/** Writes the length as four bytes, big-endian, followed by the part. */
function writePart(target: Bytes, offset: number, part: string): void {
  const start = offset + LENGTH_BYTES
  const length = utf8Length(part)
  target[offset] = length >>> 24
  target[offset + 1] = length >>> 16
  target[offset + 2] = length >>> 8
  target[offset + 3] = length
  if (length > part.length) encoder.encodeInto(part, target.subarray(start))
  // ASCII only. In browsers, this loop is faster than handing new memory to the encoder.
  else for (let i = 0; i < length; i++) target[start + i] = part.charCodeAt(i)
}

/**
 * Decodes padded bytes; throws `DecryptError` for anything that `encodeContent` would not write.
 */
export function decodeContent(padded: Bytes): Content {
  try {
    return parseContent(padded)
  } catch {
    throw new DecryptError()
  }
}

function parseContent(padded: Bytes): Content {
  if (padded[0] !== VERSION) throw new RangeError('version')
  const header = readPart(padded, 1)
  const body = readPart(padded, header.end)
  if (padded.length !== bucketFor(body.end) || !isZeroFrom(padded, body.end)) {
    throw new RangeError('padding')
  }
  if (!isTextSize(body.bytes.length)) throw new RangeError('body')
  return { ...readHeader(header.bytes), text: decoder.decode(body.bytes) }
}

function isZeroFrom(bytes: Bytes, offset: number): boolean {
  let seen = 0
  for (let i = offset; i < bytes.length; i++) seen |= bytes[i] ?? 0
  return seen === 0
}

function isTextSize(bytes: number): boolean {
  return bytes >= 1 && bytes <= MAX_TEXT_BYTES
}

function readPart(bytes: Bytes, offset: number): { bytes: Bytes; end: number } {
  const start = offset + LENGTH_BYTES
  if (start > bytes.length) throw new RangeError('length')
  let length = 0
  for (let i = offset; i < start; i++) length = length * 256 + (bytes[i] ?? 0)
  const end = start + length
  if (end > bytes.length) throw new RangeError('length')
  return { bytes: bytes.subarray(start, end), end }
}

function bucketFor(length: number): number {
  const bucket = BUCKETS.find((size) => size >= length)
  if (bucket === undefined) throw new CryptoError('bad_content')
  return bucket
}
