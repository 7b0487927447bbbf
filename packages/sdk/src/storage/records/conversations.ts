import type { Bytes } from '@sotto/crypto'
import {
  AccountId,
  Bytes32,
  type ConversationId,
  DeviceId,
  ParticipantRole,
  ParticipantState,
  Protocol,
  type Receipt,
  SeqMark,
} from '@sotto/wire'
import { z } from 'zod'
import type { SealedContent } from '../../content/content.ts'
import type { Place, RecordKind, ShapeOf } from '../record-kind.ts'
import { Count, LocalTime, StoredBytes, StoredContent } from './values.ts'

/** The records of a conversation: each has an owner in `conversations`, which alone changes it. */

/** Who is in a conversation, and how its messages are protected. */
export interface Membership {
  readonly protocol: Protocol
  /** The person began or accepted the conversation in this protocol: no answer changes it any more. */
  readonly isProtocolChosen?: true
  /** Everybody in it, including the own account. */
  readonly participants: Readonly<Record<AccountId, Participant>>
  /**
   * After the server was wound back: `uncompared` while the log here may differ from the server's, so that
   * nothing is read into it and nothing is sent; `replaced` when the server has none or another one in its
   * place, so that this one has ended: also because the account of the other person was removed.
   */
  readonly aside?: 'uncompared' | 'replaced'
}

/** The keys of a stateful protocol, in its own encoding; null for one without a state. */
export type ProtocolState = Bytes

export interface Participant {
  readonly role: ParticipantRole
  readonly state: ParticipantState
}

/** Where this device's copy of the log begins and ends. */
export interface LogWindow {
  /** The part of the log that is here, without holes; both 0 while nothing is. */
  readonly first: number
  readonly newest: number
  /** How far the log goes on the server, as far as is known. */
  readonly lastSeq: number
  /** Entries that may open later, when more is known. */
  readonly unopened: readonly number[]
}

/** The counters of the messages that this device writes. */
export interface Counters {
  /** The counter of the next message, as long as the device's id is `deviceId`. */
  readonly next: number
  readonly deviceId: DeviceId | null
  /** Ids under which this device wrote messages before, the latest last. */
  readonly formerDevices: readonly DeviceId[]
  /** Counters that will never come, not yet reported. */
  readonly skipped: readonly number[]
}

/** How far everybody has received and read, and what the person has not read yet. */
export interface Reading {
  readonly marks: Readonly<Record<AccountId, Marks>>
  /** Whether the server may not have the own marks yet. */
  readonly marksDue: boolean
  /** Messages of others after the own read mark, up to `countedSeq`. */
  readonly unread: number
  readonly countedSeq: number
}

export type Marks = Omit<Receipt, 'conversationId'>

/** The line that a list of conversations shows. */
export interface Summary {
  readonly last: {
    readonly content: SealedContent
    readonly sender: AccountId
    readonly at: number
  } | null
  /** The seq of `last`. */
  readonly lastShownSeq: number
  readonly updatedAt: number
}

/** The notice of a changed identity key of `accountId`, and its place: after `afterSeq`. */
export interface KeyChange {
  readonly accountId: AccountId
  readonly afterSeq: number
  readonly at: number
  /** The identity key that was pinned until then. */
  readonly replaced: string
  /** That key has signed for the next one; and whether the person had compared the safety number. */
  readonly renewed?: 'verified' | 'unverified'
}

const marks: z.ZodType<Marks> = z.strictObject({ deliveredSeq: SeqMark, readSeq: SeqMark })

const membership: z.ZodType<Membership> = z.strictObject({
  protocol: Protocol,
  isProtocolChosen: z.literal(true).exactOptional(),
  participants: z.record(
    AccountId,
    z.strictObject({
      role: ParticipantRole,
      state: ParticipantState,
    } satisfies ShapeOf<Participant>),
  ),
  aside: z.enum(['uncompared', 'replaced']).exactOptional(),
} satisfies ShapeOf<Membership>)

const logWindow: z.ZodType<LogWindow> = z.strictObject({
  first: SeqMark,
  newest: SeqMark,
  lastSeq: SeqMark,
  unopened: z.array(SeqMark),
} satisfies ShapeOf<LogWindow>)

const counters: z.ZodType<Counters> = z.strictObject({
  next: z.int().positive(),
  deviceId: DeviceId.nullable(),
  formerDevices: z.array(DeviceId),
  skipped: z.array(Count),
} satisfies ShapeOf<Counters>)

const reading: z.ZodType<Reading> = z.strictObject({
  marks: z.record(AccountId, marks),
  marksDue: z.boolean(),
  unread: Count,
  countedSeq: SeqMark,
} satisfies ShapeOf<Reading>)

const summary: z.ZodType<Summary> = z.strictObject({
  last: z.strictObject({ content: StoredContent, sender: AccountId, at: LocalTime }).nullable(),
  lastShownSeq: SeqMark,
  updatedAt: LocalTime,
} satisfies ShapeOf<Summary>)

const keyChange: z.ZodType<KeyChange> = z.strictObject({
  accountId: AccountId,
  afterSeq: SeqMark,
  at: LocalTime,
  replaced: Bytes32,
  renewed: z.enum(['verified', 'unverified']).exactOptional(),
} satisfies ShapeOf<KeyChange>)

const kind = <T>(schema: z.ZodType<T>): RecordKind<T> => ({
  collection: 'conversations',
  version: 2,
  schema,
})

const KINDS = {
  membership: kind(membership),
  window: kind(logWindow),
  counters: kind(counters),
  reading: kind(reading),
  summary: kind(summary),
  keyChanges: kind<readonly KeyChange[]>(z.array(keyChange)),
  protocolState: kind<ProtocolState | null>(StoredBytes.nullable()),
}

/** The records of one conversation by their names. */
export interface ConversationParts {
  readonly membership: Membership
  readonly window: LogWindow
  readonly counters: Counters
  readonly reading: Reading
  readonly summary: Summary
  readonly keyChanges: readonly KeyChange[]
  readonly protocolState: ProtocolState | null
}

export type PartName = keyof ConversationParts

export const PART_NAMES = Object.keys(KINDS) as readonly PartName[]

type PartKind<Name extends PartName> = RecordKind<ConversationParts[Name]>

/** The records of this name, over all conversations. */
export const kindOf = <Name extends PartName>(name: Name): PartKind<Name> =>
  (KINDS as { readonly [Each in PartName]: PartKind<Each> })[name]

/** Where one record of a conversation is stored. */
export const partAt = <Name extends PartName>(
  id: ConversationId,
  name: Name,
): Place<ConversationParts[Name]> => ({ kind: kindOf(name), key: `${name}/${id}` })

export const draftAt = (id: ConversationId): Place<string> => ({
  kind: DRAFTS,
  key: id,
})

export const DRAFTS: RecordKind<string> = {
  collection: 'drafts',
  version: 2,
  schema: z.string(),
}
