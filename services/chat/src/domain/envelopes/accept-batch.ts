import {
  type RecordedEvents,
  type Statement,
  type Tx,
  transactInTwoTrips,
} from '@sotto/service-runtime'
import type { StoredEnvelope, Verdict } from '@sotto/wire'
import type { ChatContext } from '../../context.ts'
import * as conversations from '../../store/conversations/conversations.ts'
import * as participants from '../../store/conversations/participants.ts'
import * as devices from '../../store/devices/devices.ts'
import * as envelopes from '../../store/envelopes/envelopes.ts'
import * as accountUsage from '../../store/usage/account-usage.ts'
import type { Acknowledgement } from '../eras/acceptance-memory.ts'
import { admitBatch, type BatchFacts, type SentEnvelope } from './admit-batch.ts'
import { appended, storedEvents } from './stored-events.ts'

type AcceptContext = Pick<ChatContext, 'sql' | 'outbox' | 'eras' | 'quotas' | 'now'>

interface Accepted {
  readonly verdicts: Verdict[]
  readonly recorded?: RecordedEvents
  readonly acknowledged?: Acknowledgement
}

/** The rows that were read, and the server they came from if there was a conversation to lock. */
interface Facts extends BatchFacts {
  readonly server: string | undefined
}

/**
 * Stores a batch of envelopes and records the events, or does neither. Returns each envelope's
 * fate, in the order of the batch. If it throws, nothing has happened and the same batch may be
 * retried.
 */
export async function acceptBatch(
  context: AcceptContext,
  batch: readonly SentEnvelope[],
): Promise<Verdict[]> {
  const { outbox, eras } = context
  return eras.onKnownServer(async () => {
    const { verdicts, recorded, acknowledged } = await commitBatch(context, batch)
    if (acknowledged) eras.memory.remember(acknowledged)
    if (recorded) outbox.publish(recorded)
    return verdicts
  })
}

function commitBatch(
  { sql, outbox, eras, quotas, now }: AcceptContext,
  batch: readonly SentEnvelope[],
): Promise<Accepted> {
  return transactInTwoTrips<Facts, Accepted>(sql, {
    read: (tx) => readFacts(tx, batch),
    decide(tx, facts) {
      if (facts.server !== undefined) eras.check(facts.server)
      const acceptedAt = now()
      const outcome = admitBatch(batch, facts, { quotas, now: acceptedAt })
      const { admitted, verdicts, sent } = outcome
      const acknowledged = acknowledgedIn(facts, admitted)
      if (admitted.length === 0) return { writes: [], result: { verdicts, ...acknowledged } }
      const events = storedEvents(admitted, facts.standings)
      const recorded = outbox.record(tx, events, appended(admitted))
      // The largest statement goes last: behind one that fills the socket's buffer, the driver
      // waits for its answer.
      const counting = accountUsage.addSent(tx, sent, acceptedAt)
      const writes = [
        ...beginUsage(tx, facts, acceptedAt),
        conversations.advance(tx, advancesOf(admitted), acceptedAt, counting),
        recorded.statement,
        envelopes.append(tx, admitted),
      ]
      return { writes, result: { verdicts, recorded, ...acknowledged } }
    },
  })
}

/**
 * Accounts without a row were published through an instance of an older version, which does not
 * count.
 */
function beginUsage(tx: Tx, { senders }: Facts, now: number): Statement[] {
  const uncounted = senders.filter(({ usage }) => !usage).map(({ accountId }) => accountId)
  return uncounted.length > 0 ? [accountUsage.begin(tx, uncounted, now)] : []
}

/**
 * One of the envelopes that were admitted together is enough; retries come from other transactions.
 */
function acknowledgedIn(
  { server, known }: Facts,
  admitted: readonly StoredEnvelope[],
): Pick<Accepted, 'acknowledged'> {
  const envelopes = [...known, ...admitted.slice(-1)].map(
    ({ conversationId, id, seq, acceptedAt }) => ({
      conversationId,
      id,
      seq,
      acceptedAt,
    }),
  )
  if (server === undefined || envelopes.length === 0) return {}
  return { acknowledged: { server, envelopes } }
}

/**
 * The four statements are sent at once and run one after the other. Each sees everything that was
 * committed before it began, so those after the first see everything up to the locks.
 */
async function readFacts(tx: Tx, batch: readonly SentEnvelope[]): Promise<Facts> {
  const ids = [...new Set(batch.map(({ envelope }) => envelope.conversationId))]
  const actors = new Map(batch.map(({ actor }) => [actor.accountId + actor.deviceId, actor]))
  const [locked, standings, known, senders] = await Promise.all([
    conversations.lock(tx, ids),
    participants.list(tx, ids),
    envelopes.findKnown(
      tx,
      batch.map(({ envelope }) => envelope),
    ),
    devices.findSenders(tx, [...actors.values()]),
  ])
  return { conversations: locked, standings, known, senders, server: locked[0]?.server }
}

function advancesOf(admitted: readonly StoredEnvelope[]): conversations.Advance[] {
  const ends = new Map(admitted.map(({ conversationId, seq }) => [conversationId, seq]))
  return [...ends].map(([id, lastSeq]) => ({ id, lastSeq }))
}
