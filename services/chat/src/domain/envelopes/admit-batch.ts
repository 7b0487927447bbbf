import type {
  AccountId,
  Command,
  ConversationId,
  EnvelopeId,
  ParticipantState,
  StoredEnvelope,
  Verdict,
} from '@sotto/wire'
import type { LockedConversation } from '../../store/conversations/conversations.ts'
import type { Standing } from '../../store/conversations/participants.ts'
import type { DeviceName, Sender } from '../../store/devices/devices.ts'
import type { KnownEnvelope } from '../../store/envelopes/envelopes.ts'
import {
  allowanceOf,
  bytesOf,
  type Quotas,
  type Room,
  reserveRoom,
  roomOf,
} from '../usage/quotas.ts'
import { admit } from './admit.ts'

/** An envelope and its sender, as a websocket instance collected it. */
export type SentEnvelope = Extract<Command, { type: 'envelopes.accept' }>['envelopes'][number]

/** The data that was read under the locks of a batch's conversations. */
export interface BatchFacts {
  readonly conversations: readonly LockedConversation[]
  readonly standings: readonly Standing[]
  readonly known: readonly KnownEnvelope[]
  readonly senders: readonly Sender[]
}

/** A conversation while a batch is decided. Its log grows in memory first. */
interface GrowingConversation {
  lastSeq: number
  readonly isCounted: boolean
  readonly participants: Map<AccountId, ParticipantState>
}

/** The fate of each envelope, in the order of the batch, and the rows to store. */
export interface BatchOutcome {
  readonly verdicts: Verdict[]
  readonly admitted: StoredEnvelope[]
  /** The bytes to count for each sender. */
  readonly sent: ReadonlyMap<AccountId, number>
}

/** Decides a batch in order, as if its envelopes had arrived one by one. */
export function admitBatch(
  batch: readonly SentEnvelope[],
  facts: BatchFacts,
  { quotas, now }: { quotas: Quotas; now: number },
): BatchOutcome {
  const conversations = growing(facts)
  const known = new Map(facts.known.map((envelope) => [nameOf(envelope), envelope]))
  const enrolled = new Set(facts.senders.map(deviceOf))
  const rooms = new Map(
    facts.senders.map(({ accountId, usage }): [AccountId, Room] => [
      accountId,
      roomOf(allowanceOf(usage, quotas, now)),
    ]),
  )
  const admitted: StoredEnvelope[] = []
  const sent = new Map<AccountId, number>()

  const verdicts = batch.map((one): Verdict => {
    const { actor, envelope } = one
    const { id, conversationId } = envelope
    const refuse = (code: Extract<Verdict, { fate: 'refused' }>['code']): Verdict => ({
      fate: 'refused',
      id,
      conversationId,
      code,
    })
    const conversation = conversations.get(conversationId)
    if (!conversation?.participants.has(actor.accountId)) return refuse('conversation_not_found')

    // Before `admit`: an accepted envelope stays accepted, whatever has happened to the
    // conversation since.
    const before = known.get(nameOf(envelope))
    if (before) return isRetry(one, before) ? accepted(before) : refuse('envelope_id_taken')

    const { accountId } = actor
    const room = rooms.get(accountId)
    const bytes = bytesOf(envelope.ciphertext)
    const isEnrolled = enrolled.has(deviceOf(actor))
    const code =
      admit(conversation, { accountId, isEnrolled }) ?? (room && reserveRoom(room, bytes))
    if (code) return refuse(code)

    conversation.lastSeq += 1
    if (conversation.isCounted) sent.set(accountId, (sent.get(accountId) ?? 0) + bytes)
    const stored = store(one, conversation.lastSeq, now)
    known.set(nameOf(stored), stored)
    admitted.push(stored)
    return accepted(stored)
  })
  return { verdicts, admitted, sent }
}

function growing({ conversations, standings }: BatchFacts) {
  const byId = new Map<ConversationId, GrowingConversation>(
    conversations.map(({ id, lastSeq, isCounted }) => [
      id,
      { lastSeq, isCounted, participants: new Map() },
    ]),
  )
  for (const { conversationId, accountId, state } of standings) {
    byId.get(conversationId)?.participants.set(accountId, state)
  }
  return byId
}

function nameOf(envelope: { conversationId: ConversationId; id: EnvelopeId }): string {
  return envelope.conversationId + envelope.id
}

function deviceOf({ accountId, deviceId }: DeviceName): string {
  return accountId + deviceId
}

/**
 * Whether this is the same envelope again: a different ciphertext must never be reported as
 * accepted.
 */
function isRetry({ actor, envelope }: SentEnvelope, known: KnownEnvelope): boolean {
  return (
    known.senderAccountId === actor.accountId &&
    known.senderDeviceId === actor.deviceId &&
    known.ciphertext === envelope.ciphertext
  )
}

function accepted({ id, conversationId, seq, acceptedAt }: KnownEnvelope): Verdict {
  return { fate: 'accepted', id, conversationId, seq, acceptedAt }
}

function store({ actor, envelope }: SentEnvelope, seq: number, acceptedAt: number): StoredEnvelope {
  const { id, conversationId, kind, ciphertext } = envelope
  return {
    id,
    conversationId,
    kind,
    ciphertext,
    seq,
    senderAccountId: actor.accountId,
    senderDeviceId: actor.deviceId,
    acceptedAt,
  }
}
