import {
  AccountId,
  ConversationId,
  DeviceId,
  EnvelopeId,
  MAX_TEXT_BYTES,
  Moment,
} from '@sotto/wire'
import { z } from 'zod'
import { type Bytes, utf8 } from './bytes.ts'
import { CryptoError, DecryptError } from './errors.ts'
import { parseStrictJson } from './strict-json.ts'

/** Recipients of one JWE. More would let one message cost many RSA operations. */
export const MAX_RECIPIENTS = 64
const MAX_SKIPPED = 64

const VERSION = 1
const LENGTH_BYTES = 4

/** The sizes content is filled up to, so that a ciphertext tells little about what was written. */
const BUCKETS = [512, 1024, 2048, 4096, 8192, 16384, 32768, 73728]

/** A counter of one device in one conversation. */
const Counter = z.int().positive()

const Header = z.strictObject({
  type: z.literal('text'),
  conversation: ConversationId,
  message: EnvelopeId,
  account: AccountId,
  device: DeviceId,
  /** Whom it was written to. Not known by the keys: anybody can publish somebody else's as their own. */
  to: AccountId,
  /** 1 for this device's first message in this conversation, then one more each. */
  counter: Counter,
  /** Counters of this device that will never come. */
  skipped: z.array(Counter).max(MAX_SKIPPED),
  sentAt: Moment,
  /** The `kid`s an `rsa` message is encrypted to, in order; empty for `ecdh`. */
  recipients: z.array(z.string().length(43)).max(MAX_RECIPIENTS),
})

/** A message as its sender wrote it: the header of PROTOCOL.md §2, and the text. */
export interface Content extends z.infer<typeof Header> {
  text: string
}

/** Content before it is sealed: whom it is encrypted to is filled in by the protocol. */
export type OutgoingContent = Omit<Content, 'recipients'>

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Content as padded bytes. Throws `bad_content` for an empty or too long text or lone surrogates. */
export function encodeContent({ text, ...fields }: Content): Bytes {
  const header = Header.safeParse(fields)
  const body = utf8(text)
  if (!header.success || !text.isWellFormed() || !isTextSize(body)) {
    throw new CryptoError('bad_content')
  }
  const headerBytes = utf8(JSON.stringify(header.data))
  const bodyAt = 1 + LENGTH_BYTES + headerBytes.length
  const padded = new Uint8Array(bucketFor(bodyAt + LENGTH_BYTES + body.length))
  padded[0] = VERSION
  writePart(padded, 1, headerBytes)
  writePart(padded, bodyAt, body)
  return padded
}

function writePart(target: Bytes, offset: number, part: Bytes): void {
  new DataView(target.buffer).setUint32(offset, part.length)
  target.set(part, offset + LENGTH_BYTES)
}

/** Reads padded bytes; throws `DecryptError` for anything that `encodeContent` would not write. */
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
  const padding = padded.subarray(body.end)
  if (padded.length !== bucketFor(body.end) || padding.some((byte) => byte !== 0)) {
    throw new RangeError('padding')
  }
  if (!isTextSize(body.bytes)) throw new RangeError('body')
  return { ...Header.parse(parseStrictJson(header.bytes)), text: decoder.decode(body.bytes) }
}

function isTextSize(body: Bytes): boolean {
  return body.length >= 1 && body.length <= MAX_TEXT_BYTES
}

function readPart(bytes: Bytes, offset: number): { bytes: Bytes; end: number } {
  const start = offset + LENGTH_BYTES
  if (start > bytes.length) throw new RangeError('length')
  const end = start + new DataView(bytes.buffer, bytes.byteOffset).getUint32(offset)
  if (end > bytes.length) throw new RangeError('length')
  return { bytes: bytes.subarray(start, end), end }
}

function bucketFor(length: number): number {
  const bucket = BUCKETS.find((size) => size >= length)
  if (bucket === undefined) throw new CryptoError('bad_content')
  return bucket
}
