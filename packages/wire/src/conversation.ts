import { z } from 'zod'
import { PublishedAccount } from './account.ts'
import { StoredEnvelope } from './envelope.ts'
import { AccountId, ConversationId } from './ids.ts'
import { MAX_PARTICIPANTS } from './limits.ts'
import { Moment, SeqMark, Version } from './text.ts'

/** How a conversation protects its messages. Fixed for its lifetime. */
export const Protocol = z.enum(['ecdh', 'rsa'])
export type Protocol = z.infer<typeof Protocol>

/** The maximum number of accounts in a conversation, by protocol. */
export const PROTOCOL_PARTICIPANTS: Readonly<Record<Protocol, number>> = { ecdh: 2, rsa: 2 }

/** The security properties of a protocol. */
export interface ProtocolProperties {
  /** Whether earlier messages stay secret after a key is stolen. */
  readonly forwardSecrecy: boolean
  /** Whether a conversation becomes secure again after a key was stolen and the thief is gone. */
  readonly postCompromiseSecurity: boolean
  /** Whether recorded messages stay secret from a future quantum computer. */
  readonly postQuantum: boolean
}

const NONE: ProtocolProperties = {
  forwardSecrecy: false,
  postCompromiseSecurity: false,
  postQuantum: false,
}

/** The properties of each protocol. A test compares README.md and the web app with them. */
export const PROTOCOL_PROPERTIES: Readonly<Record<Protocol, ProtocolProperties>> = {
  ecdh: NONE,
  rsa: NONE,
}

/** The name of any protocol, including those that only a newer version knows. */
export const ProtocolName = z
  .string()
  .min(1)
  .max(32)
  .regex(/^[a-z][a-z0-9-]*$/)

/**
 * A participant's answer to the contact request: `requested` means no answer yet; `declined` and
 * `blocked` accept no envelopes. Other participants see every state except `accepted` as
 * `requested`.
 */
export const ParticipantState = z.enum(['requested', 'accepted', 'declined', 'blocked'])
export type ParticipantState = z.infer<typeof ParticipantState>

/** What a participant may do: an `admin` also adds and removes others. With two participants both are members. */
export const ParticipantRole = z.enum(['member', 'admin'])
export type ParticipantRole = z.infer<typeof ParticipantRole>

/**
 * A participant as other participants see it. Marks stay 0 while the participant is `requested`.
 */
export const Participant = z.strictObject({
  accountId: AccountId,
  role: ParticipantRole,
  state: ParticipantState,
  deliveredSeq: SeqMark,
  readSeq: SeqMark,
  /** The version of the account's published record. */
  recordVersion: Version,
})
export type Participant = z.infer<typeof Participant>

/** A conversation as one participant sees it. */
export const Conversation = z.strictObject({
  id: ConversationId,
  /** If this is not a `Protocol`, the client does not open the conversation and says why. */
  protocol: ProtocolName,
  createdBy: AccountId,
  createdAt: Moment,
  participants: z.array(Participant).max(MAX_PARTICIPANTS),
  lastSeq: SeqMark,
  lastEnvelope: StoredEnvelope.nullable(),
  /** Envelopes from others after the caller's read mark, counted up to 100. */
  unread: z.int().nonnegative().max(100),
})
export type Conversation = z.infer<typeof Conversation>

/** A conversation with the signed keys of all participants. */
export const OpenedConversation = z.strictObject({
  conversation: Conversation,
  accounts: z.array(PublishedAccount).max(MAX_PARTICIPANTS),
})
export type OpenedConversation = z.infer<typeof OpenedConversation>
