import type { OutboxEvent, Tx } from '@sotto/service-runtime'
import {
  type AccountEvent,
  type AccountId,
  ConversationId,
  MAX_BATCH,
  type StoredEnvelope,
} from '@sotto/wire'
import { z } from 'zod'
import * as participants from '../../store/conversations/participants.ts'
import * as envelopes from '../../store/envelopes/envelopes.ts'

const Seq = z.int().positive()

/**
 * The abbreviated form of a batch in the event outbox: where its envelopes are in their logs. A
 * copy of them would double the writes for each message, and is needed only after a crash.
 */
const Appended = z.strictObject({
  type: z.literal('envelopes.appended'),
  parts: z
    .array(z.strictObject({ conversationId: ConversationId, firstSeq: Seq, lastSeq: Seq }))
    .min(1)
    .max(MAX_BATCH),
})
type Appended = z.infer<typeof Appended>

type Standings = readonly { conversationId: ConversationId; accountId: AccountId }[]

/**
 * The abbreviated form of the events for `stored`, which contains a contiguous part of each log.
 */
export function appended(stored: readonly StoredEnvelope[]): Appended {
  const parts = new Map<ConversationId, Appended['parts'][number]>()
  for (const { conversationId, seq } of stored) {
    const firstSeq = parts.get(conversationId)?.firstSeq ?? seq
    parts.set(conversationId, { conversationId, firstSeq, lastSeq: seq })
  }
  return { type: 'envelopes.appended', parts: [...parts.values()] }
}

/** One event for each conversation, for all participants, including the sender's other devices. */
export function storedEvents(
  stored: readonly StoredEnvelope[],
  standings: Standings,
): AccountEvent[] {
  const recipients = new Map<ConversationId, AccountId[]>()
  for (const { conversationId, accountId } of standings) {
    const others = recipients.get(conversationId)
    if (others) others.push(accountId)
    else recipients.set(conversationId, [accountId])
  }
  const byConversation = Map.groupBy(stored, ({ conversationId }) => conversationId)
  return [...byConversation].map(([id, envelopes]) => ({
    type: 'envelopes.stored',
    recipients: recipients.get(id) ?? [],
    envelopes,
  }))
}

/** Reconstructs the events from their abbreviated form; undefined if the row is something else. */
export async function expandAppended(tx: Tx, row: unknown): Promise<OutboxEvent[] | undefined> {
  const { data } = Appended.safeParse(row)
  if (!data) return undefined
  const ids = data.parts.map(({ conversationId }) => conversationId)
  const [stored, standings] = await Promise.all([
    envelopes.readParts(tx, data.parts),
    participants.list(tx, ids),
  ])
  return storedEvents(stored, standings)
}
