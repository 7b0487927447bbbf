import { z } from 'zod'
import { ChallengeId } from './auth.ts'
import { BoxName } from './box.ts'
import { OpenedConversation } from './conversation.ts'
import { NewEnvelope, StoredEnvelope } from './envelope.ts'
import { Receipt, Verdict } from './frames.ts'
import { AccountId, ConversationId, DeviceId, SessionId } from './ids.ts'
import { MAX_BATCH, MAX_DEVICES } from './limits.ts'
import { Moment, Version } from './text.ts'

/** A websocket instance. The id is new at every start. */
export const InstanceId = z.uuid().brand<'InstanceId'>()
export type InstanceId = z.infer<typeof InstanceId>

/** Who sent a frame, according to the access token and nothing else. */
export const Actor = z.strictObject({
  accountId: AccountId,
  deviceId: DeviceId,
  sessionId: SessionId,
})
export type Actor = z.infer<typeof Actor>

/**
 * websocket → chat. Exactly one chat instance takes it and acknowledges it after its commit. It may
 * arrive twice after a crash: envelopes are deduplicated by id, and marks only increase.
 */
export const Command = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('envelopes.accept'),
    batchId: z.uuid(),
    replyTo: InstanceId,
    envelopes: z
      .array(z.strictObject({ actor: Actor, envelope: NewEnvelope }))
      .min(1)
      .max(MAX_BATCH),
  }),
  z.strictObject({
    type: z.literal('receipts.record'),
    receipts: z
      .array(z.strictObject({ actor: Actor, receipt: Receipt }))
      .min(1)
      .max(MAX_BATCH),
  }),
  z.strictObject({
    type: z.literal('typing.announce'),
    actor: Actor,
    conversationId: ConversationId,
  }),
])
export type Command = z.infer<typeof Command>

/**
 * Background work, done at least once by one of the processes that can do it. A job names its
 * subject and carries no content: no address, code or phone number ever waits in a queue.
 */
export const Job = z.discriminatedUnion('type', [
  /** Sends the code of a challenge. */
  z.strictObject({ type: z.literal('code.deliver'), challengeId: ChallengeId }),
  /** Tells the owner of an account, by email or SMS, that new keys were requested. */
  z.strictObject({ type: z.literal('new_keys.tell'), accountId: AccountId, dueAt: Moment }),
  /** Ends the sessions of the named devices or, after a change of keys, of all other devices. */
  z.strictObject({
    type: z.literal('sessions.end'),
    accountId: AccountId,
    devices: z.union([
      z.strictObject({ only: z.array(DeviceId).min(1).max(MAX_DEVICES) }),
      z.strictObject({ allBut: DeviceId }),
    ]),
    /** Sessions that began later continue. */
    startedBefore: Moment,
  }),
  /** auth → chat: removes all data of an account at the operator's request. */
  z.strictObject({ type: z.literal('account.remove'), accountId: AccountId }),
  /**
   * chat → auth: the chat service has removed all data of the account, so the account itself may be
   * deleted.
   */
  z.strictObject({ type: z.literal('account.forget'), accountId: AccountId }),
])
export type Job = z.infer<typeof Job>
export type JobKind = Job['type']

/** chat → the websocket instance that sent a batch. */
export const BatchDecided = z.strictObject({
  type: z.literal('batch.decided'),
  batchId: z.uuid(),
  /** In the same order as the batch. */
  verdicts: z.array(Verdict).max(MAX_BATCH),
})
export type BatchDecided = z.infer<typeof BatchDecided>

/** auth → every websocket and chat instance: the session is no longer valid. */
export const SessionEnded = z.strictObject({
  type: z.literal('session.ended'),
  sessionId: SessionId,
  accountId: AccountId,
})
export type SessionEnded = z.infer<typeof SessionEnded>

/** chat → every websocket instance: the server may have lost data. Devices compare their logs. */
export const EraBegan = z.strictObject({
  type: z.literal('era.began'),
  era: z.string().regex(/^[0-9a-f]{16}$/),
})
export type EraBegan = z.infer<typeof EraBegan>

/**
 * An event for every process. It is only a hint: each process also learns the fact in another way.
 */
export const BroadcastEvent = z.discriminatedUnion('type', [SessionEnded, EraBegan])
export type BroadcastEvent = z.infer<typeof BroadcastEvent>

const recipients = z.array(AccountId).min(1)

/**
 * chat → the websocket instances that hold a recipient, by shard. Delivered at least once and in
 * any order: `seq` is authoritative, this is a hint.
 */
export const AccountEvent = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('envelopes.stored'),
    recipients,
    envelopes: z.array(StoredEnvelope).min(1).max(MAX_BATCH),
  }),
  /**
   * Tells the other participants immediately, with the creator's signed keys. The view is the
   * recipient's.
   */
  z.strictObject({
    type: z.literal('conversation.created'),
    recipients,
    ...OpenedConversation.shape,
  }),
  z.strictObject({
    type: z.literal('conversation.changed'),
    recipients,
    conversationId: ConversationId,
  }),
  z.strictObject({
    type: z.literal('receipts.changed'),
    recipients,
    accountId: AccountId,
    receipts: z.array(Receipt).min(1).max(MAX_BATCH),
  }),
  z.strictObject({
    type: z.literal('typing.started'),
    recipients,
    conversationId: ConversationId,
    accountId: AccountId,
  }),
  z.strictObject({ type: z.literal('account.changed'), recipients, accountId: AccountId }),
  /** For the account's own devices. */
  z.strictObject({ type: z.literal('box.changed'), recipients, box: BoxName, version: Version }),
])
export type AccountEvent = z.infer<typeof AccountEvent>

export const BrokerEvent = z.union([AccountEvent, BatchDecided, BroadcastEvent])
export type BrokerEvent = z.infer<typeof BrokerEvent>
