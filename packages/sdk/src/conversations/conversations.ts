import type { AccountId, Conversation, ConversationId, DeviceId, Protocol } from '@sotto/wire'
import { ClientError } from '../api/errors.ts'
import { createSerialBy } from '../scheduling/serial.ts'
import { put } from '../storage/record-kind.ts'
import {
  type ConversationParts,
  PART_NAMES,
  type Participant,
  type PartName,
  partAt,
} from '../storage/records/conversations.ts'
import type { Change } from '../storage/storage.ts'
import type { Store } from '../storage/store.ts'
import type { Asked } from '../transport/questions.ts'
import { type ConversationRecord, othersIn } from './conversation-record.ts'
import { NO_COUNTERS } from './counters.ts'
import { loadConversations } from './load-conversations.ts'
import { NO_WINDOW } from './log-window.ts'
import { toldMembership } from './membership.ts'
import { afterTold, NOTHING_READ } from './reading.ts'
import { noSummary } from './summary.ts'

/**
 * This device's stored conversations, held in memory.
 *
 * - A conversation consists of several records (`storage/records/conversations.ts`). Each has one module here that
 *   computes its next value; only records that changed are written, in one step with the log entries behind them.
 * - Changes to one conversation run one after the other. In memory, a change shows only after it has been stored.
 * - The server decides neither who takes part nor the protocol once it is fixed (`membership.ts`); counts and marks
 *   never decrease.
 * - If a write fails, nothing has changed, neither here nor in the storage.
 */
export interface Conversations {
  get(id: ConversationId): ConversationRecord | undefined
  /** Throws `conversation_not_found`. */
  load(id: ConversationId): ConversationRecord
  all(): Iterable<ConversationRecord>
  /** The conversations with this account, which must not be ours. */
  with(accountId: AccountId): ConversationRecord[]
  /**
   * Changes a conversation while nothing else does. `change` receives the current record and returns the next one, with
   * anything to store in the same step. It must not wait for the network.
   */
  update(id: ConversationId, change: ConversationChange): Promise<ConversationRecord>
  /** The other participants of a conversation. Throws the same errors as `learn`, and changes nothing. */
  check(told: Conversation): AccountId[]
  /**
   * Applies the server's answer about a conversation, new or known. If a later question has already been answered, only
   * fields that can never decrease are applied.
   */
  learn(told: Conversation, asked: Asked): Promise<ConversationRecord>
  /** Whether an answer to a question later than `asked` has already been applied. */
  isOvertaken(id: ConversationId, asked: Asked): boolean
}

export interface ChangedConversation {
  readonly next: ConversationRecord
  readonly more?: readonly Change[]
  /** Runs once both are stored, before anything else changes the conversation. */
  readonly stored?: () => void
}

/** Undefined changes nothing. */
export type ConversationChange = (
  conversation: ConversationRecord,
) => Promise<ChangedConversation | undefined> | ChangedConversation | undefined

export async function openConversations(
  storage: Store,
  me: { readonly accountId: AccountId; readonly deviceId: DeviceId },
  onChanged: (id: ConversationId) => void,
): Promise<Conversations> {
  const self = me.accountId
  const { records, orphans } = await loadConversations(storage, me)
  const learned = new Map<ConversationId, Asked>()
  const inTurn = createSerialBy<ConversationId>()

  const save = async ({ next, more = [], stored }: ChangedConversation) => {
    const changes = [...changesFrom(records.get(next.id), next), ...more]
    if (changes.length > 0) await storage.write(changes)
    records.set(next.id, next)
    stored?.()
    onChanged(next.id)
    return next
  }
  const load = (id: ConversationId) => {
    const record = records.get(id)
    if (!record) throw new ClientError('conversation_not_found')
    return record
  }

  return {
    get: (id) => records.get(id),
    load,
    all: () => records.values(),
    with: (accountId) =>
      [...records.values()].filter((record) => othersIn(record).includes(accountId)),
    update: (id, change) =>
      inTurn(id, async () => {
        const before = load(id)
        const change_ = await change(before)
        return change_ ? save(change_) : before
      }),
    check: (told) => othersIn(updated(records.get(told.id), told, self, false)),
    learn: (told, asked) =>
      inTurn(told.id, async () => {
        const known = records.get(told.id)
        const latest = learned.get(told.id) ?? 0
        learned.set(told.id, Math.max(asked, latest))
        const next = updated(known, told, self, !known || asked >= latest)
        if (next === known) return known
        // If the membership record was damaged, the other records still belong to this conversation: its counters must
        // continue.
        const kept = known ? undefined : orphans.get(told.id)
        return save({ next: { ...next, ...kept } })
      }),
    isOvertaken: (id, asked) => asked < (learned.get(id) ?? 0),
  }
}

/** Stores the records that have changed. */
function changesFrom(before: ConversationRecord | undefined, next: ConversationRecord): Change[] {
  const changed = PART_NAMES.filter((name) => before?.[name] !== next[name])
  return changed.map((name) => putPart(next, name))
}

function putPart<Name extends PartName>(record: ConversationRecord, name: Name): Change {
  return put<ConversationParts[Name]>(partAt(record.id, name), record[name])
}

/** A conversation after the server's answer; the known object itself if nothing is new. */
function updated(
  known: ConversationRecord | undefined,
  told: Conversation,
  self: AccountId,
  isLatest: boolean,
): ConversationRecord {
  refuseForeign(told)
  const { id, createdAt, lastSeq, lastEnvelope } = told
  const membership = toldMembership(known, told, { self, isLatest })
  const before = known ?? newRecord({ id, self, ...membership, createdAt })
  const next: ConversationRecord = {
    ...before,
    membership,
    window: { ...before.window, lastSeq: Math.max(before.window.lastSeq, lastSeq) },
    reading: afterTold(before.reading, told, { self, isEmpty: before.window.newest === 0 }),
    summary: {
      ...before.summary,
      updatedAt: Math.max(before.summary.updatedAt, lastEnvelope?.acceptedAt ?? 0),
    },
  }
  return known ? withKnownParts(known, next) : next
}

/** Keeps unchanged parts as the same objects, and the whole record if nothing is new. */
function withKnownParts(known: ConversationRecord, next: ConversationRecord): ConversationRecord {
  const isSame = (name: PartName) => JSON.stringify(known[name]) === JSON.stringify(next[name])
  const changed = PART_NAMES.filter((name) => !isSame(name))
  if (changed.length === 0) return known
  return { ...known, ...Object.fromEntries(changed.map((name) => [name, next[name]])) }
}

/** A conversation with only its participants known. */
export function newRecord(told: {
  readonly id: ConversationId
  readonly self: AccountId
  readonly protocol: Protocol
  readonly participants: Readonly<Record<AccountId, Participant>>
  readonly createdAt: number
}): ConversationRecord {
  const { id, self, protocol, participants, createdAt } = told
  return {
    id,
    self,
    membership: { protocol, participants },
    window: NO_WINDOW,
    counters: NO_COUNTERS,
    reading: NOTHING_READ,
    summary: noSummary(createdAt),
    keyChanges: [],
    protocolState: null,
  }
}

/** Everything in an answer about a conversation must be about that conversation. */
function refuseForeign({ id, lastSeq, lastEnvelope }: Conversation): void {
  if (lastEnvelope === null) return
  const isItsLast = lastEnvelope.conversationId === id && lastEnvelope.seq <= lastSeq
  if (!isItsLast) throw new ClientError('untrusted_answer')
}
