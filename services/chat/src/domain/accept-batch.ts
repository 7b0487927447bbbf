import { type RecordedEvents, type Tx, transactInTwoTrips } from '@sotto/service-runtime'
import type { StoredEnvelope, Verdict } from '@sotto/wire'
import type { ChatContext } from '../context.ts'
import * as conversations from '../store/conversations.ts'
import * as devices from '../store/devices.ts'
import * as envelopes from '../store/envelopes.ts'
import * as participants from '../store/participants.ts'
import { admitBatch, type BatchFacts, type SentEnvelope } from './admit-batch.ts'
import { appended, storedEvents } from './stored-events.ts'

interface Accepted {
  readonly verdicts: Verdict[]
  readonly recorded?: RecordedEvents
}

/**
 * Stores a batch of envelopes and records the events, or does neither. Returns each one's fate, in the
 * order of the batch. When it throws, nothing has happened and the same batch may be given again.
 */
export async function acceptBatch(
  { sql, outbox, now }: Pick<ChatContext, 'sql' | 'outbox' | 'now'>,
  batch: readonly SentEnvelope[],
): Promise<Verdict[]> {
  const { verdicts, recorded } = await transactInTwoTrips<BatchFacts, Accepted>(sql, {
    read: (tx) => readFacts(tx, batch),
    decide(tx, facts) {
      const acceptedAt = now()
      const { admitted, verdicts } = admitBatch(batch, facts, acceptedAt)
      if (admitted.length === 0) return { writes: [], result: { verdicts } }
      const events = storedEvents(admitted, facts.standings)
      const recorded = outbox.record(tx, events, appended(admitted))
      // The largest last: behind one that fills the socket's buffer the driver waits for its answer.
      const writes = [
        conversations.advance(tx, advancesOf(admitted), acceptedAt),
        recorded.statement,
        envelopes.append(tx, admitted),
      ]
      return { writes, result: { verdicts, recorded } }
    },
  })
  if (recorded) outbox.publish(recorded)
  return verdicts
}

/**
 * The four statements are sent at once and run one after the other: each sees what was committed
 * before it began, so those after the first see everything up to the locks.
 */
async function readFacts(tx: Tx, batch: readonly SentEnvelope[]): Promise<BatchFacts> {
  const ids = [...new Set(batch.map(({ envelope }) => envelope.conversationId))]
  const senders = new Map(batch.map(({ actor }) => [actor.accountId + actor.deviceId, actor]))
  const [locked, standings, known, enrolled] = await Promise.all([
    conversations.lock(tx, ids),
    participants.list(tx, ids),
    envelopes.findKnown(
      tx,
      batch.map(({ envelope }) => envelope),
    ),
    devices.findEnrolled(tx, [...senders.values()]),
  ])
  return { conversations: locked, standings, known, enrolled }
}

function advancesOf(admitted: readonly StoredEnvelope[]): conversations.Advance[] {
  const ends = new Map(admitted.map(({ conversationId, seq }) => [conversationId, seq]))
  return [...ends].map(([id, lastSeq]) => ({ id, lastSeq }))
}
