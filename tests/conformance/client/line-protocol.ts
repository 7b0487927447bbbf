import { z } from 'zod'

/**
 * The commands that the suite sends to a client under test: one JSON object per line on standard input, one answer per
 * line on standard output. README.md explains each of them to client authors; these schemas are authoritative.
 */

/** Features that a client may lack. Cases that need them are then reported as not applicable. */
export const Ability = z.enum(['rsa', 'email', 'new_keys', 'revoke', 'rename', 'device_stolen'])
export type Ability = z.infer<typeof Ability>

const Nothing = z.strictObject({})
const Id = z.uuid()
const Conversation = z.strictObject({ conversation: Id })
const Account = z.strictObject({ accountId: Id })
const RecoveryCode = z.string().regex(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){7}$/)
const Digits = z.string().regex(/^[0-9]{60}$/)

export const Stage = z.enum(['signed_out', 'needs_profile', 'locked', 'ready'])
export type Stage = z.infer<typeof Stage>

export const State = z.strictObject({
  stage: Stage,
  accountId: Id.nullable(),
  deviceId: Id.nullable(),
  /** Whether the WebSocket is authenticated and `/changes` was read. */
  online: z.boolean(),
  /** The server shows another identity key for the client's account. */
  ownKeyReplaced: z.boolean(),
  /** Whether the server has given an untrusted answer in the background since `open`. */
  untrusted: z.boolean(),
})
export type State = z.infer<typeof State>

export const TimelineItem = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('message'),
    id: Id,
    mine: z.boolean(),
    text: z.string(),
    /** Null until the server has accepted the message. */
    seq: z.int().positive().nullable(),
    status: z.enum(['waiting', 'accepted', 'delivered', 'read', 'failed']),
    /** The code of the failure, or null. */
    failure: z.string().nullable(),
  }),
  z.strictObject({
    kind: z.literal('unsupported'),
    mine: z.boolean(),
    seq: z.int().positive(),
    type: z.string(),
  }),
  z.strictObject({ kind: z.literal('gap'), count: z.int().positive() }),
  z.strictObject({ kind: z.literal('out_of_order') }),
  z.strictObject({ kind: z.literal('not_written_here') }),
  z.strictObject({
    kind: z.literal('unreadable'),
    seq: z.int().positive(),
    reason: z.enum(['cannot_decrypt', 'misplaced', 'replayed', 'unknown_device', 'key_lost']),
  }),
  z.strictObject({ kind: z.literal('key_changed') }),
  z.strictObject({ kind: z.literal('keys_renewed') }),
])
export type TimelineItem = z.infer<typeof TimelineItem>

export const ListedConversation = z.strictObject({
  id: Id,
  protocol: z.string(),
  peer: Id,
  state: z.enum(['request', 'waiting', 'open', 'declined', 'blocked', 'ended']),
  unread: z.int().nonnegative(),
})
export type ListedConversation = z.infer<typeof ListedConversation>

export const Contact = z.strictObject({
  accountId: Id,
  name: z.string(),
  trust: z.enum(['unverified', 'verified', 'key_changed']),
})
export type Contact = z.infer<typeof Contact>

const command = <I extends z.ZodType, O extends z.ZodObject>(input: I, answer: O) => ({
  input,
  answer,
})

/** Every command: its input besides `id` and `do`, and its answer besides `id` and `ok`. */
export const lineCommands = {
  // The process and its state.
  hello: command(
    Nothing,
    z.strictObject({
      protocol: z.literal(1),
      client: z.string().min(1).max(100),
      lacks: z.array(Ability),
    }),
  ),
  open: command(
    z.strictObject({ origin: z.url(), storage: z.string(), deviceName: z.string() }),
    Nothing,
  ),
  close: command(Nothing, Nothing),
  state: command(Nothing, State),

  // Signing up, logging in, keys.
  startPhone: command(z.strictObject({ phone: z.string() }), Nothing),
  verifyPhone: command(z.strictObject({ code: z.string() }), Nothing),
  startEmail: command(z.strictObject({ email: z.string() }), Nothing),
  verifyEmail: command(z.strictObject({ code: z.string() }), Nothing),
  setPassword: command(z.strictObject({ password: z.string() }), Nothing),
  logIn: command(z.strictObject({ email: z.string(), password: z.string() }), Nothing),
  createProfile: command(
    z.strictObject({ name: z.string(), withRsa: z.boolean() }),
    z.strictObject({ recoveryCode: RecoveryCode }),
  ),
  unlock: command(z.strictObject({ recoveryCode: z.string() }), Nothing),
  startWithNewKeys: command(
    z.strictObject({ name: z.string() }),
    z.strictObject({ recoveryCode: RecoveryCode }),
  ),
  rename: command(z.strictObject({ name: z.string() }), Nothing),

  // People.
  contacts: command(Nothing, z.strictObject({ contacts: z.array(Contact) })),
  safetyNumber: command(
    Account,
    z.strictObject({ digits: Digits, changedDigits: Digits.nullable() }),
  ),
  setVerified: command(Account.extend({ verified: z.boolean(), seenDigits: Digits }), Nothing),
  acceptChangedKey: command(Account.extend({ seenDigits: Digits }), Nothing),

  // Conversations.
  startConversation: command(Account.extend({ protocol: z.enum(['ecdh', 'rsa']) }), Conversation),
  conversations: command(Nothing, z.strictObject({ conversations: z.array(ListedConversation) })),
  answer: command(
    Conversation.extend({ answer: z.enum(['accepted', 'declined', 'blocked']) }),
    Nothing,
  ),
  send: command(Conversation.extend({ text: z.string() }), z.strictObject({ message: Id })),
  retry: command(Conversation.extend({ message: Id }), Nothing),
  timeline: command(Conversation, z.strictObject({ items: z.array(TimelineItem) })),
  markRead: command(Conversation, Nothing),

  // Devices.
  revoke: command(z.strictObject({ deviceId: Id }), Nothing),
  deviceStolen: command(
    z.strictObject({ deviceId: Id }),
    z.strictObject({ recoveryCode: RecoveryCode }),
  ),
} as const

export type LineCommands = typeof lineCommands
export type CommandName = keyof LineCommands
export type CommandInput<C extends CommandName> = z.input<LineCommands[C]['input']>
export type CommandAnswer<C extends CommandName> = z.output<LineCommands[C]['answer']>

/** A refusal. `code` is one of PROTOCOL.md's, or one that README.md lists for clients. */
export const Refusal = z.strictObject({
  id: z.int(),
  ok: z.literal(false),
  code: z.string().regex(/^[a-z_]+$/),
})
