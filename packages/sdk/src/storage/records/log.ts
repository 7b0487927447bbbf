import {
  AccountId,
  Bytes32,
  ConversationId,
  DeviceId,
  EnvelopeId,
  ErrorCode,
  NewEnvelope,
  Seq,
  SeqMark,
  StoredEnvelope,
} from '@sotto/wire'
import { z } from 'zod'
import type { MessageFailure, UnreadableReason } from '../../api/views.ts'
import type { SealedContent } from '../../content/content.ts'
import type { Place, RecordKind, ShapeOf } from '../record-kind.ts'
import { Count, LocalTime, StoredContent } from './values.ts'

/** Decrypted envelopes in the order of each conversation's log, and messages that aren't in it yet. */

/** A decrypted envelope from the log. */
export type LogEntry = OpenedEntry | UnreadableEntry | AdvancedEntry

export interface OpenedEntry {
  readonly kind: 'message'
  readonly seq: number
  readonly id: EnvelopeId
  readonly sender: AccountId
  readonly deviceId: DeviceId
  readonly counter: number
  readonly skipped: readonly number[]
  readonly content: SealedContent
  readonly at: number
  /** For our messages: the recipients. A message is never sealed again for other ones. */
  readonly writtenTo: WrittenTo
  /** It names this device as its sender, but this device doesn't know it. */
  readonly isForeign?: true
  readonly wasRead?: WasRead
}

/** It came back after the server had lost it, and the person had read it before. */
type WasRead = true

/** The identity key (base64url) of each person that a message was written to. */
export type WrittenTo = Readonly<Record<AccountId, string>>

export interface UnreadableEntry {
  readonly kind: 'unreadable'
  readonly seq: number
  readonly id: EnvelopeId
  readonly sender: AccountId
  readonly deviceId: DeviceId
  readonly reason: UnreadableReason
  readonly at: number
  /** Kept whole to be tried again; null if that is pointless. */
  readonly envelope: StoredEnvelope | null
  readonly wasRead?: WasRead
}

/** An envelope that changed the protocol's state and shows nothing. */
export interface AdvancedEntry {
  readonly kind: 'advanced'
  readonly seq: number
  readonly id: EnvelopeId
  readonly sender: AccountId
  readonly deviceId: DeviceId
  readonly at: number
}

export interface OutboxItem {
  readonly envelope: NewEnvelope
  readonly counter: number
  /** Counters that this message reports as skipped. */
  readonly skipped: readonly number[]
  readonly deviceId: DeviceId
  readonly writtenTo: WrittenTo
  /** Our identity key at that time; absent in items from before keys could be renewed. */
  readonly sealedBy?: string
  readonly content: SealedContent
  readonly writtenAt: number
  readonly state: 'waiting' | 'failed'
  readonly failure: MessageFailure | null
  /** Its place in the log once accepted, until the log here reaches it. */
  readonly accepted: { readonly seq: number; readonly at: number } | null
  /** It was in the log, but the server has lost it. */
  readonly wasAccepted?: true
  /** An earlier sealing of it, under another counter, may have reached the server. */
  readonly wasSealedBefore?: true
}

/** A message that this device has but the server has lost. */
export interface LostMessage {
  readonly conversationId: ConversationId
  /** Its position among the conversation's lost messages. */
  readonly place: number
  /** It follows this seq in the log. */
  readonly afterSeq: number
  /** The entry as it was in the log; its seq no longer means anything. */
  readonly entry: LogEntry
  readonly wasRead: boolean
}

const writtenTo: z.ZodType<WrittenTo> = z.record(AccountId, Bytes32)

const opened: z.ZodType<OpenedEntry> = z.strictObject({
  kind: z.literal('message'),
  seq: Seq,
  id: EnvelopeId,
  sender: AccountId,
  deviceId: DeviceId,
  counter: z.int().positive(),
  skipped: z.array(Count),
  content: StoredContent,
  at: Count,
  writtenTo,
  isForeign: z.literal(true).exactOptional(),
  wasRead: z.literal(true).exactOptional(),
} satisfies ShapeOf<OpenedEntry>)

const unreadable: z.ZodType<UnreadableEntry> = z.strictObject({
  kind: z.literal('unreadable'),
  seq: Seq,
  id: EnvelopeId,
  sender: AccountId,
  deviceId: DeviceId,
  reason: z.enum(['cannot_decrypt', 'misplaced', 'replayed', 'unknown_device', 'key_lost']),
  at: Count,
  envelope: StoredEnvelope.nullable(),
  wasRead: z.literal(true).exactOptional(),
} satisfies ShapeOf<UnreadableEntry>)

const advanced: z.ZodType<AdvancedEntry> = z.strictObject({
  kind: z.literal('advanced'),
  seq: Seq,
  id: EnvelopeId,
  sender: AccountId,
  deviceId: DeviceId,
  at: Count,
} satisfies ShapeOf<AdvancedEntry>)

const entry: z.ZodType<LogEntry> = z.union([opened, unreadable, advanced])

const outboxItem: z.ZodType<OutboxItem> = z.strictObject({
  envelope: NewEnvelope,
  counter: z.int().positive(),
  skipped: z.array(Count),
  deviceId: DeviceId,
  writtenTo,
  sealedBy: Bytes32.exactOptional(),
  content: StoredContent,
  writtenAt: LocalTime,
  state: z.enum(['waiting', 'failed']),
  failure: z
    .union([ErrorCode, z.enum(['key_changed', 'no_rsa_key', 'untrusted_answer'])])
    .nullable(),
  accepted: z.strictObject({ seq: Seq, at: Count }).nullable(),
  wasAccepted: z.literal(true).exactOptional(),
  wasSealedBefore: z.literal(true).exactOptional(),
} satisfies ShapeOf<OutboxItem>)

const lost: z.ZodType<LostMessage> = z.strictObject({
  conversationId: ConversationId,
  place: Count,
  afterSeq: SeqMark,
  entry,
  wasRead: z.boolean(),
} satisfies ShapeOf<LostMessage>)

export const LOG: RecordKind<LogEntry> = { collection: 'log', version: 2, schema: entry }
export const LOST: RecordKind<LostMessage> = { collection: 'log', version: 2, schema: lost }
export const OUTBOX: RecordKind<OutboxItem> = {
  collection: 'outbox',
  version: 2,
  schema: outboxItem,
}
const SEEN: RecordKind<number> = { collection: 'seen', version: 2, schema: Seq }
const DISCARDED: RecordKind<string> = { collection: 'seen', version: 2, schema: z.string() }

const digits = (number: number) => String(number).padStart(12, '0')

export const entryAt = (id: ConversationId, seq: number): Place<LogEntry> => ({
  kind: LOG,
  key: `${id}/${digits(seq)}`,
})
export const lostMessageAt = (id: ConversationId, number: number): Place<LostMessage> => ({
  kind: LOST,
  key: `lost/${id}/${digits(number)}`,
})
export const outboxAt = (
  id: ConversationId,
  counter: number,
  device: DeviceId,
): Place<OutboxItem> => ({ kind: OUTBOX, key: `${id}/${digits(counter)}/${device}` })

const seenAt = (key: string): Place<number> => ({ kind: SEEN, key })

export const seenMessageAt = (id: ConversationId, message: EnvelopeId) =>
  seenAt(`${id}/m/${message}`)
/** Devices choose their ids, so an id identifies a device only together with its account. */
export const seenCounterAt = (
  id: ConversationId,
  { sender, deviceId, counter }: Pick<OpenedEntry, 'sender' | 'deviceId' | 'counter'>,
) => seenAt(`${id}/c/${sender}/${deviceId}/${counter}`)
/** A message that only claims to be from this device must not occupy the id of a genuine one. */
export const seenForeignAt = (id: ConversationId, message: EnvelopeId) =>
  seenAt(`${id}/f/${message}`)
/** The hash of a discarded message's envelope: it may have been in flight and still arrive. */
export const discardedAt = (id: ConversationId, message: EnvelopeId): Place<string> => ({
  kind: DISCARDED,
  key: `${id}/d/${message}`,
})
