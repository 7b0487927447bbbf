import { z } from 'zod'
import { PublishedAccount } from './account.ts'
import { BoxName } from './box.ts'
import { Conversation } from './conversation.ts'
import { NewEnvelope, StoredEnvelope } from './envelope.ts'
import { ErrorAnswer, ErrorCode } from './errors.ts'
import { AccountId, ConversationId, DeviceId, EnvelopeId } from './ids.ts'
import { MAX_BATCH, MAX_PARTICIPANTS, MAX_SEND_ENVELOPES, MAX_TOKEN_CHARS } from './limits.ts'
import { Moment, Seq, SeqMark, Version } from './text.ts'

/** The path at which the websocket service accepts connections. */
export const WEBSOCKET_PATH = '/ws'

/** How far a participant has received or read. A mark only increases. */
export const Receipt = z.strictObject({
  conversationId: ConversationId,
  deliveredSeq: SeqMark,
  readSeq: SeqMark,
})
export type Receipt = z.infer<typeof Receipt>

/** A frame that a device sends. */
export const ClientFrame = z.discriminatedUnion('type', [
  /** The first frame of a connection. Sent again before the token expires. */
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

/** The outcome for one envelope that a device sent. */
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

/** A frame that the websocket service sends. */
export const ServerFrame = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('authenticated'),
    accountId: AccountId,
    deviceId: DeviceId,
    expiresAt: Moment,
    heartbeatSeconds: z.int().positive(),
  }),
  /** Sent after the commit, never before. PROTOCOL.md §13.3 says which refusals are final. */
  z.strictObject({ type: z.literal('verdicts'), verdicts: z.array(Verdict).max(MAX_BATCH) }),
  /**
   * New envelopes in any of the account's conversations, including the account's own. A hint: `seq`
   * decides.
   */
  z.strictObject({
    type: z.literal('envelopes'),
    envelopes: z.array(StoredEnvelope).max(MAX_BATCH),
  }),
  /** A conversation that is new to this account, with the signed keys of all participants. */
  z.strictObject({
    type: z.literal('conversation_created'),
    conversation: Conversation,
    accounts: z.array(PublishedAccount).max(MAX_PARTICIPANTS),
  }),
  /** Something other than the log changed. The device should read the conversation again. */
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
  /** The record or the devices of an account changed. The device should read it again. */
  z.strictObject({ type: z.literal('account_changed'), accountId: AccountId }),
  /** A device of this account, possibly this one, wrote a box. */
  z.strictObject({ type: z.literal('box_changed'), box: BoxName, version: Version }),
  /**
   * `details.frame` numbers the offending frame; the first frame of the connection is 1. After some
   * errors the service closes the connection.
   */
  z.strictObject({ type: z.literal('error'), ...ErrorAnswer.shape }),
  z.strictObject({ type: z.literal('pong') }),
])
export type ServerFrame = z.infer<typeof ServerFrame>

/** Whether a frame is about logs. A device ignores those until it knows the server's era (PROTOCOL.md §14). */
export const IS_ABOUT_LOGS: Readonly<Record<ServerFrame['type'], boolean>> = {
  authenticated: false,
  verdicts: false,
  envelopes: true,
  conversation_created: true,
  conversation_changed: true,
  receipts: true,
  typing: false,
  account_changed: false,
  box_changed: false,
  error: false,
  pong: false,
}

/** Why the service closes a connection (RFC 6455 §7.4; codes from 4000 are ours). */
export const CloseCode = {
  protocolError: 1002,
  unsupportedData: 1003,
  invalidText: 1007,
  policyViolation: 1008,
  tooLarge: 1009,
  serviceRestart: 1012,
  /** No valid token arrived in time. */
  unauthenticated: 4001,
  /** The session ended. The device must not reconnect with it. */
  sessionEnded: 4002,
  /** The device reads too slowly. It should reconnect and catch up. */
  tooSlow: 4003,
  rateLimited: 4004,
  /** The device was silent for too long. */
  heartbeatMissed: 4005,
  /** The device has not yet proven that it belongs to the account. */
  notProven: 4006,
} as const
