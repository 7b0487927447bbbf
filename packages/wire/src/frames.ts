import { z } from 'zod'
import { PublishedAccount } from './account.ts'
import { BoxName } from './chat-requests.ts'
import { Conversation } from './conversation.ts'
import { NewEnvelope, StoredEnvelope } from './envelope.ts'
import { ErrorAnswer, ErrorCode } from './errors.ts'
import { AccountId, ConversationId, DeviceId, EnvelopeId } from './ids.ts'
import { MAX_BATCH, MAX_PARTICIPANTS, MAX_SEND_ENVELOPES, MAX_TOKEN_CHARS } from './limits.ts'
import { Moment, Seq, SeqMark, Version } from './text.ts'

/** Where the websocket service listens. */
export const WEBSOCKET_PATH = '/ws'

/** How far a participant has got; a mark only grows. */
export const Receipt = z.strictObject({
  conversationId: ConversationId,
  deliveredSeq: SeqMark,
  readSeq: SeqMark,
})
export type Receipt = z.infer<typeof Receipt>

/** What a device sends. */
export const ClientFrame = z.discriminatedUnion('type', [
  /** The first frame, and again before the token expires. */
  z.strictObject({ type: z.literal('authenticate'), token: z.string().max(MAX_TOKEN_CHARS) }),
  z.strictObject({
    type: z.literal('send'),
    envelopes: z.array(NewEnvelope).min(1).max(MAX_SEND_ENVELOPES),
  }),
  z.strictObject({
    type: z.literal('receipts'),
    receipts: z.array(Receipt).min(1).max(MAX_SEND_ENVELOPES),
  }),
  z.strictObject({ type: z.literal('typing'), conversationId: ConversationId }),
  z.strictObject({ type: z.literal('ping') }),
])
export type ClientFrame = z.infer<typeof ClientFrame>

/** The fate of one envelope that a device sent. */
export const Verdict = z.discriminatedUnion('fate', [
  z.strictObject({
    fate: z.literal('accepted'),
    id: EnvelopeId,
    conversationId: ConversationId,
    seq: Seq,
    acceptedAt: Moment,
  }),
  z.strictObject({
    fate: z.literal('refused'),
    id: EnvelopeId,
    conversationId: ConversationId,
    code: ErrorCode,
  }),
])
export type Verdict = z.infer<typeof Verdict>

/** What the websocket service sends. */
export const ServerFrame = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('authenticated'),
    accountId: AccountId,
    deviceId: DeviceId,
    expiresAt: Moment,
    heartbeatSeconds: z.int().positive(),
  }),
  /** Sent after the commit, never before. Which refusals are final is said in PROTOCOL.md §13.3. */
  z.strictObject({ type: z.literal('verdicts'), verdicts: z.array(Verdict).max(MAX_BATCH) }),
  /** New envelopes of any of the own conversations, the own ones included. A hint: `seq` decides. */
  z.strictObject({
    type: z.literal('envelopes'),
    envelopes: z.array(StoredEnvelope).max(MAX_BATCH),
  }),
  /** A conversation that is new to this account, with everybody's signed keys. */
  z.strictObject({
    type: z.literal('conversation_created'),
    conversation: Conversation,
    accounts: z.array(PublishedAccount).max(MAX_PARTICIPANTS),
  }),
  /** Something but the log changed: read the conversation again. */
  z.strictObject({ type: z.literal('conversation_changed'), conversationId: ConversationId }),
  z.strictObject({
    type: z.literal('receipts'),
    accountId: AccountId,
    receipts: z.array(Receipt).max(MAX_BATCH),
  }),
  z.strictObject({
    type: z.literal('typing'),
    conversationId: ConversationId,
    accountId: AccountId,
  }),
  /** The record or the devices of an account changed: read it again. */
  z.strictObject({ type: z.literal('account_changed'), accountId: AccountId }),
  /** A device of this account wrote a box; this one may be the writer. */
  z.strictObject({ type: z.literal('box_changed'), box: BoxName, version: Version }),
  /**
   * Names the frame that was wrong in `details.frame`: 1 for the first frame of the connection. Some
   * are followed by the end of the connection.
   */
  z.strictObject({ type: z.literal('error'), ...ErrorAnswer.shape }),
  z.strictObject({ type: z.literal('pong') }),
])
export type ServerFrame = z.infer<typeof ServerFrame>

/** Why the service ends a connection (RFC 6455 §7.4; 4000 and above are ours). */
export const CloseCode = {
  protocolError: 1002,
  unsupportedData: 1003,
  invalidText: 1007,
  policyViolation: 1008,
  tooLarge: 1009,
  serviceRestart: 1012,
  /** No valid token in time. */
  unauthenticated: 4001,
  /** The session was ended: do not reconnect with it. */
  sessionEnded: 4002,
  /** Reads too slowly: reconnect and catch up. */
  tooSlow: 4003,
  rateLimited: 4004,
  /** Silent for too long. */
  heartbeatMissed: 4005,
  /** The device has not proven yet that it belongs to the account. */
  notProven: 4006,
} as const
