import { AccountId, ConversationId, DeviceId, EnvelopeId, MAX_VERSION, Version } from '@sotto/wire'
import { z } from 'zod'
import { parseStrictJson } from './strict-json.ts'

/** Recipients of one JWE. More would let one message cost many RSA operations. */
export const MAX_RECIPIENTS = 64
const MAX_SKIPPED = 64

/** A counter of one device in one conversation. */
const Counter = z.int().positive()

/** What is a header. The quick ways below lead to the same verdict, and where in doubt to here. */
export const Header = z.strictObject({
  type: z.literal('text'),
  conversation: ConversationId,
  message: EnvelopeId,
  account: AccountId,
  device: DeviceId,
  /** The person it was written to: `recipientTag`. The keys do not tell: anyone can publish them. */
  to: z.string().length(43),
  /** The version of the sender's account record. A lower one from the server is an old one. */
  record: Version,
  /** The version of the sender's manifest, for the sender's own devices. */
  manifest: Version,
  /** 1 for this device's first message in this conversation, then one more each. */
  counter: Counter,
  /** Counters of this device that will never come. */
  skipped: z.array(Counter).max(MAX_SKIPPED),
  /** The sender's word about the time, milliseconds since 1970; for display only. */
  sentAt: z.int().nonnegative(),
  /** The `kid`s an `rsa` message is encrypted to, in order; empty for `ecdh`. */
  recipients: z.array(z.string().length(43)).max(MAX_RECIPIENTS),
})
export type Header = z.infer<typeof Header>

const MEMBERS = Object.keys(Header.shape).length

const uuid = '"([0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})"'
const counter = '[1-9][0-9]{0,15}'
const digest = '"([\\w-]{43})"'
const kid = '"[\\w-]{43}"'
const listOf = (item: string) => `\\[((?:${item}(?:,${item})*)?)\\]`

/** A header as our own devices write it: each member once, in this order, nothing escaped. */
const PLAIN = new RegExp(
  `^{"type":"text","conversation":${uuid},"message":${uuid},"account":${uuid},"device":${uuid},` +
    `"to":${digest},"record":(${counter}),"manifest":(${counter}),"counter":(${counter}),"skipped":${listOf(counter)},` +
    `"sentAt":(0|${counter}),"recipients":${listOf(kid)}}$`,
)

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Reads a header from JSON in UTF-8. Throws one of several errors for what is none, and for what two
 * readers could understand differently. One expression reads what our own devices write; going through
 * the schema takes longer than the decryption.
 */
export function readHeader(bytes: Uint8Array): Header {
  const text = decoder.decode(bytes)
  return readPlainly(text) ?? Header.parse(parseStrictJson(text))
}

/** Writes a header as JSON; undefined for what is none. */
export function writeHeader(header: Header): string | undefined {
  const { type, conversation, message, account, device, to } = header
  const { record, manifest, counter, skipped, sentAt, recipients } = header
  // In the order of the schema, whatever the order of the caller.
  const ids = { conversation, message, account, device, to, record, manifest }
  const text = JSON.stringify({ type, ...ids, counter, skipped, sentAt, recipients })
  const hasNothingElse = Object.keys(header).length === MEMBERS
  if (hasNothingElse && PLAIN.test(text) && hasRightSizes(header)) return text
  const checked = Header.safeParse(header)
  return checked.success ? JSON.stringify(checked.data) : undefined
}

/** The header that `text` is, where it is certainly one; undefined says nothing about it. */
function readPlainly(text: string): Header | undefined {
  const found = PLAIN.exec(text) as string[] | null
  if (!found) return undefined
  const [, conversation, message, account, device, to = '', ...rest] = found
  const [record, manifest, counter, skipped, sentAt, kids] = rest
  const header: Header = {
    type: 'text',
    // The expression has just checked what these brands stand for.
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

/** What the expression does not see: sixteen digits may be too many, and lists too long. */
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
