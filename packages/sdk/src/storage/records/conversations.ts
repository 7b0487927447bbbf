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

/** The records of a conversation. Each is changed only by its owner in `conversations`. */

/** Who is in a conversation, and how its messages are protected. */
export interface Membership {
  readonly protocol: Protocol
  /** The person started or accepted the conversation in this protocol, so no answer can change it. */
  readonly isProtocolChosen?: true
  /** All participants, including our account. */
  readonly participants: Readonly<Record<AccountId, Participant>>
  /**
   * Set after the server was wound back. `uncompared`: the log here may differ from the server's, so nothing is added
   * to it and nothing is sent. `replaced`: this conversation has ended, because the server has none or another one in
   * its place, or because the other person's account was removed.
   */
  readonly aside?: 'uncompared' | 'replaced'
}

/** The keys of a stateful protocol, in its own encoding; null for one without a state. */
export type ProtocolState = Bytes

export interface Participant {
  readonly role: ParticipantRole
  readonly state: ParticipantState
}

/** The range of the log that this device has. */
export interface LogWindow {
  /** The part of the log that is here, without gaps; both are 0 while there is none. */
  readonly first: number
  readonly newest: number
  /** How far the server's log goes, as far as this device knows. */
  readonly lastSeq: number
  /** Entries that may open once more is known. */
  readonly unopened: readonly number[]
}

/** The counters of the messages that this device writes. */
export interface Counters {
  /** The counter of the next message while the device's id is `deviceId`. */
  readonly next: number
  readonly deviceId: DeviceId | null
  /** Ids under which this device wrote messages before, latest last. */
  readonly formerDevices: readonly DeviceId[]
  /** Counters that will never arrive and haven't been reported yet. */
  readonly skipped: readonly number[]
}

/** How far each participant has received and read, and what the person hasn't read yet. */
export interface Reading {
  readonly marks: Readonly<Record<AccountId, Marks>>
  /** Whether the server may lack our marks. */
  readonly marksDue: boolean
  /** Messages from others after our read mark, up to `countedSeq`. */
  readonly unread: number
  readonly countedSeq: number
}

export type Marks = Omit<Receipt, 'conversationId'>

/** The preview line in the conversation list. */
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

/** The notice that `accountId` has changed its identity key, placed after `afterSeq`. */
export interface KeyChange {
  readonly accountId: AccountId
  readonly afterSeq: number
  readonly at: number
  /** The identity key that was pinned until then. */
  readonly replaced: string
  /** Set if that key has signed the next one; also says whether the person had compared the safety number. */
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

/** A conversation's records by name. */
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

/** The records of this name across all conversations. */
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
