import { z } from 'zod'
import { AccountId, ConversationId, DeviceId, EnvelopeId } from './ids.ts'
import { MAX_CIPHERTEXT_CHARS } from './limits.ts'
import { Moment, Seq } from './text.ts'

/**
 * The part that the server cannot read: a JWE in compact (`ecdh`) or JSON form (`rsa`). Printable
 * ASCII, so that frames and rows carry it unchanged.
 */
export const Ciphertext = z
  .string()
  .min(1)
  .max(MAX_CIPHERTEXT_CHARS)
  .regex(/^[\x20-\x7e]+$/)

/**
 * An envelope as a device posts it. The service reads the header and stores `ciphertext` unopened.
 */
export const NewEnvelope = z.strictObject({
  id: EnvelopeId,
  conversationId: ConversationId,
  kind: z.literal('message'),
  ciphertext: Ciphertext,
})
export type NewEnvelope = z.infer<typeof NewEnvelope>

/** An envelope in its conversation's log. */
export const StoredEnvelope = z.strictObject({
  ...NewEnvelope.shape,
  seq: Seq,
  senderAccountId: AccountId,
  senderDeviceId: DeviceId,
  acceptedAt: Moment,
})
export type StoredEnvelope = z.infer<typeof StoredEnvelope>

/** A raw database row, for the page "what the server sees". */
export const ServerRow = z.strictObject({
  table: z.string().max(64),
  columns: z.record(z.string().max(64), z.union([z.string(), z.number(), z.null()])),
})
export type ServerRow = z.infer<typeof ServerRow>
