import type {
  AccountId,
  Conversation,
  ConversationId,
  DeviceId,
  Participant,
  Protocol,
} from '@sotto/wire'
import { ClientError } from '../api/errors.ts'
import { knownProtocol } from '../protocols/known-protocol.ts'
import { createSerialBy } from '../scheduling/serial.ts'
import { type Change, type Storage, startingWith } from '../storage/storage.ts'
import { type ConversationRecord, conversationAt, type Marks, put } from '../storage/stored.ts'
import type { Asked } from '../transport/questions.ts'

/** The conversations of this device, in memory as they are in storage. */
export interface Conversations {
  get(id: ConversationId): ConversationRecord | undefined
  /** Throws `conversation_not_found`. */
  load(id: ConversationId): ConversationRecord
  all(): Iterable<ConversationRecord>
  with(peer: AccountId): ConversationRecord[]
  /**
   * Changes a conversation while nothing else does: `change` gets it as it is and returns what follows,
   * with what has to be stored in the same step. It must not wait for the network.
   */
  update(id: ConversationId, change: ConversationChange): Promise<ConversationRecord>
  /** Whom a conversation is with; throws what `take` would throw, and changes nothing. */
  check(conversation: Conversation): AccountId
  /**
   * Takes what the server says about a conversation, new or known. Of an answer to an earlier question
   * than the last that was taken, only what can but grow is news.
   */
  take(conversation: Conversation, asked: Asked): Promise<ConversationRecord>
  /** Whether an answer to a later question was taken than to `asked`. */
  isOvertaken(id: ConversationId, asked: Asked): boolean
}

export interface ChangedConversation {
  readonly next: ConversationRecord
  readonly more?: readonly Change[]
  /** Runs when both are stored, before anything else changes the conversation. */
  readonly stored?: () => void
}

/** Undefined changes nothing. */
export type ConversationChange = (
  conversation: ConversationRecord,
) => Promise<ChangedConversation | undefined> | ChangedConversation | undefined

export async function openConversations(
  storage: Storage,
  me: AccountId,
  changed: (id: ConversationId) => void,
): Promise<Conversations> {
  const records = new Map<ConversationId, ConversationRecord>()
  const taken = new Map<ConversationId, Asked>()
  const inTurn = createSerialBy<ConversationId>()
  for (const { value } of await storage.range('conversations', startingWith(''))) {
    const record = value as ConversationRecord
    records.set(record.id, record)
  }

  const save = async ({ next, more = [], stored }: ChangedConversation) => {
    const isSame = records.get(next.id) === next
    if (!isSame || more.length > 0) {
      await storage.write([put(conversationAt(next.id), next), ...more])
    }
    records.set(next.id, next)
    stored?.()
    changed(next.id)
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
    with: (peer) => [...records.values()].filter((record) => record.peer === peer),
    update: (id, change) =>
      inTurn(id, async () => {
        const before = load(id)
        const change_ = await change(before)
        return change_ ? save(change_) : before
      }),
    check: (conversation) => updated(records.get(conversation.id), conversation, me, false).peer,
    take: (conversation, asked) =>
      inTurn(conversation.id, async () => {
        const known = records.get(conversation.id)
        const latest = taken.get(conversation.id) ?? 0
        taken.set(conversation.id, Math.max(asked, latest))
        const next = updated(known, conversation, me, !known || asked >= latest)
        return next === known ? known : save({ next })
      }),
    isOvertaken: (id, asked) => asked < (taken.get(id) ?? 0),
  }
}

/** A conversation after the server's word about it; the known object itself when nothing is new. */
function updated(
  known: ConversationRecord | undefined,
  conversation: Conversation,
  me: AccountId,
  isLatest: boolean,
): ConversationRecord {
  const { id, createdAt, lastSeq, lastEnvelope } = conversation
  const protocol = knownProtocol(conversation.protocol)
  refuseForeign(conversation)
  const { mine, theirs } = participantsOf(conversation, me)
  const isOther = known && (known.peer !== theirs.accountId || isOtherProtocol(known, protocol))
  if (isOther) throw new ClientError('untrusted_answer')
  const before = known
    ? { ...known, protocol }
    : newRecord(id, protocol, theirs.accountId, createdAt)
  const next: ConversationRecord = {
    ...before,
    ...(isLatest && { mine: mine.state, theirs: theirs.state }),
    lastSeq: Math.max(before.lastSeq, lastSeq),
    myMarks: higherMarks(before.myMarks, mine),
    theirMarks: higherMarks(before.theirMarks, theirs),
    updatedAt: Math.max(before.updatedAt, lastEnvelope?.acceptedAt ?? 0),
    ...countAfter(before, mine, conversation),
  }
  return known && JSON.stringify(known) === JSON.stringify(next) ? known : next
}

/** Marks only grow. */
export function higherMarks(one: Marks, other: Marks): Marks {
  return {
    deliveredSeq: Math.max(one.deliveredSeq, other.deliveredSeq),
    readSeq: Math.max(one.readSeq, other.readSeq),
  }
}

/** A conversation that nothing is known of but who is in it. */
export function newRecord(
  id: ConversationId,
  protocol: Protocol,
  peer: AccountId,
  createdAt: number,
): ConversationRecord {
  return {
    id,
    protocol,
    peer,
    mine: 'accepted',
    theirs: 'requested',
    first: 0,
    newest: 0,
    lastSeq: 0,
    myMarks: { deliveredSeq: 0, readSeq: 0 },
    theirMarks: { deliveredSeq: 0, readSeq: 0 },
    marksDue: false,
    nextCounter: 1,
    counterOf: null,
    skipped: [],
    last: null,
    lastShownSeq: 0,
    unread: 0,
    countedSeq: 0,
    updatedAt: createdAt,
    keyChanges: [],
    unopened: [],
  }
}

/** A device that was enrolled anew has another id, and counts from 1 again. */
export function countingFor(
  conversation: ConversationRecord,
  deviceId: DeviceId,
): ConversationRecord {
  const { counterOf, formerDevices = [] } = conversation
  if (counterOf === deviceId) return conversation
  return {
    ...conversation,
    ...(counterOf !== null && { formerDevices: [...formerDevices, counterOf] }),
    counterOf: deviceId,
    nextCounter: 1,
    skipped: [],
  }
}

/**
 * The first message that opens or is written fixes the protocol. Until then it is the server's claim,
 * which the server may correct.
 */
function isOtherProtocol(known: ConversationRecord, protocol: Protocol): boolean {
  const isFixed = known.isProtocolChosen || known.last !== null || known.nextCounter > 1
  return isFixed && known.protocol !== protocol
}

/** Everything in an answer about a conversation must be about that conversation. */
function refuseForeign({ id, lastSeq, lastEnvelope }: Conversation): void {
  if (lastEnvelope === null) return
  const isItsLast = lastEnvelope.conversationId === id && lastEnvelope.seq <= lastSeq
  if (!isItsLast) throw new ClientError('untrusted_answer')
}

function participantsOf({ participants }: Conversation, me: AccountId) {
  const mine = participants.find(({ accountId }) => accountId === me)
  const others = participants.filter(({ accountId }) => accountId !== me)
  const [theirs, ...more] = others
  if (!mine || !theirs || more.length > 0) throw new ClientError('untrusted_answer')
  return { mine, theirs }
}

/**
 * The server's count where it knows more: of a conversation that is new here, or one that was read on
 * another device. Otherwise envelopes are counted when they come.
 */
function countAfter(before: ConversationRecord, mine: Participant, told: Conversation) {
  const isNew = before.countedSeq === 0 && mine.readSeq >= before.myMarks.readSeq
  const isReadElsewhere = mine.readSeq > before.myMarks.readSeq && told.lastSeq >= before.countedSeq
  if (!isNew && !isReadElsewhere) return {}
  return { unread: told.unread, countedSeq: told.lastSeq }
}
