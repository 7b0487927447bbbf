import { AccountId, ConversationId, DeviceId, EnvelopeId, MAX_VERSION, Version } from '@sotto/wire'
import { z } from 'zod'
import { parseStrictJson } from './strict-json.ts'

/** Recipients of one JWE. With more, a single message could cost many RSA operations. */
export const MAX_RECIPIENTS = 64
const MAX_SKIPPED = 64

/** A counter of one device in one conversation. */
const Counter = z.int().positive()

/**
 * Defines a valid header. The fast paths below reach the same verdict, and fall back to this schema
 * when in doubt.
 */
export const Header = z.strictObject({
  /** The kind of content that the body holds; readers keep kinds that they do not know. */
  type: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/),
  conversation: ConversationId,
  message: EnvelopeId,
  account: AccountId,
  device: DeviceId,
  /**
   * The intended recipient: `recipientTag`. The encryption keys do not identify it, because anyone
   * can publish them.
   */
  to: z.string().length(43),
  /**
   * The version of the sender's account record. If the server shows a lower version, that one is
   * outdated.
   */
  record: Version,
  /** The version of the sender's manifest, for the sender's own devices. */
  manifest: Version,
  /**
   * 1 for this device's first message in this conversation, increasing by one with each message.
   */
  counter: Counter,
  /** Counters that this device has used up and will never send. */
  skipped: z.array(Counter).max(MAX_SKIPPED),
  /** The time as the sender claims it, in milliseconds since 1970; for display only. */
  sentAt: z.int().nonnegative(),
  /** The `kid`s that an `rsa` message is encrypted to, in order; empty for `ecdh`. */
  recipients: z.array(z.string().length(43)).max(MAX_RECIPIENTS),
})
export type Header = z.infer<typeof Header>

const MEMBERS = Object.keys(Header.shape).length

const uuid = '"([0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})"'
const counter = '[1-9][0-9]{0,15}'
const digest = '"([\\w-]{43})"'
const kid = '"[\\w-]{43}"'
const listOf = (item: string) => `\\[((?:${item}(?:,${item})*)?)\\]`

/** A header as our own devices write it: each member once, in this order, without escapes. */
const PLAIN = new RegExp(
  `^{"type":"text","conversation":${uuid},"message":${uuid},"account":${uuid},"device":${uuid},` +
    `"to":${digest},"record":(${counter}),"manifest":(${counter}),"counter":(${counter}),"skipped":${listOf(counter)},` +
    `"sentAt":(0|${counter}),"recipients":${listOf(kid)}}$`,
)

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Parses a header from JSON in UTF-8. Throws various errors for invalid headers and for JSON that
 * two parsers could interpret differently. A single regular expression reads headers from our own
 * devices, because the schema takes longer than the decryption.
 */
export function readHeader(bytes: Uint8Array): Header {
  const text = decoder.decode(bytes)
  return readPlainly(text) ?? Header.parse(parseStrictJson(text))
}

/** Writes a header as JSON; undefined if it is invalid. */
export function writeHeader(header: Header): string | undefined {
  const { type, conversation, message, account, device, to } = header
  const { record, manifest, counter, skipped, sentAt, recipients } = header
  // In the order of the schema, regardless of the caller's order.
  const ids = { conversation, message, account, device, to, record, manifest }
  const text = JSON.stringify({ type, ...ids, counter, skipped, sentAt, recipients })
  const hasNothingElse = Object.keys(header).length === MEMBERS
  if (hasNothingElse && PLAIN.test(text) && hasRightSizes(header)) return text
  const checked = Header.safeParse(header)
  return checked.success ? JSON.stringify(checked.data) : undefined
}

/** The header in `text` if it is certainly valid; undefined means that the schema must decide. */
function readPlainly(text: string): Header | undefined {
  const found = PLAIN.exec(text) as string[] | null
  if (!found) return undefined
  const [, conversation, message, account, device, to = '', ...rest] = found
  const [record, manifest, counter, skipped, sentAt, kids] = rest
  const header: Header = {
    type: 'text',
    // The expression has just verified the form that these brands stand for.
    conversation: conversation as ConversationId,
    message: message as EnvelopeId,
    account: account as AccountId,
    device: device as DeviceId,
    to,
    record: Number(record),
    manifest: Number(manifest),
    counter: Number(counter),
    skipped: skipped ? skipped.split(',').map(Number) : [],
    sentAt: Number(sentAt),
    recipients: kids ? kids.slice(1, -1).split('","') : [],
  }
  return hasRightSizes(header) ? header : undefined
}

/**
 * Checks what the expression cannot: a number with sixteen digits may be too large, and a list too
 * long.
 */
function hasRightSizes(header: Header): boolean {
  const { record, manifest, counter, skipped, sentAt, recipients } = header
  return (
    record <= MAX_VERSION &&
    manifest <= MAX_VERSION &&
    Number.isSafeInteger(counter) &&
    Number.isSafeInteger(sentAt) &&
    skipped.length <= MAX_SKIPPED &&
    skipped.every(Number.isSafeInteger) &&
    recipients.length <= MAX_RECIPIENTS
  )
}
