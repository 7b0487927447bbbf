import { z } from 'zod'
import { StoredEnvelope } from './envelope.ts'
import { AccountId, ConversationId } from './ids.ts'
import { MAX_PARTICIPANTS } from './limits.ts'
import { Moment, SeqMark, Version } from './text.ts'

/** How a conversation protects its messages; fixed for its life. */
export const Protocol = z.enum(['ecdh', 'rsa'])
export type Protocol = z.infer<typeof Protocol>

/** The name of any protocol, also of one that only a newer version knows. */
export const ProtocolName = z
  .string()
  .min(1)
  .max(32)
  .regex(/^[a-z][a-z0-9-]*$/)

/**
 * Where a participant stands: `requested` has not answered the contact request; `declined` and
 * `blocked` take no envelopes. Others see everything but `accepted` as `requested`.
 */
export const ParticipantState = z.enum(['requested', 'accepted', 'declined', 'blocked'])
export type ParticipantState = z.infer<typeof ParticipantState>

/** A participant as a fellow participant sees it. Marks stay 0 while the participant is `requested`. */
export const Participant = z.strictObject({
  accountId: AccountId,
  state: ParticipantState,
  deliveredSeq: SeqMark,
  readSeq: SeqMark,
  /** The version of the account's currently published record. */
  recordVersion: Version,
})
export type Participant = z.infer<typeof Participant>

/** A conversation as one of its participants sees it. */
export const Conversation = z.strictObject({
  id: ConversationId,
  /** If it is not a `Protocol`, the client leaves the conversation alone and says so. */
  protocol: ProtocolName,
  createdBy: AccountId,
  createdAt: Moment,
  participants: z.array(Participant).max(MAX_PARTICIPANTS),
  lastSeq: SeqMark,
  lastEnvelope: StoredEnvelope.nullable(),
  /** Envelopes of others after the own read mark, counted up to 100. */
  unread: z.int().nonnegative().max(100),
})
export type Conversation = z.infer<typeof Conversation>
