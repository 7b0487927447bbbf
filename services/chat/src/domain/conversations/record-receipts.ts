import type { AccountEvent, Command } from '@sotto/wire'
import type { ChatContext } from '../../context.ts'
import * as participants from '../../store/conversations/participants.ts'
import * as receipts from '../../store/conversations/receipts.ts'
import { transact } from '../eras/transact.ts'
import { canSeeEachOther } from './conversation-view.ts'

/** How far a participant claims to have received or read, as a websocket instance collected it. */
export type SentReceipt = Extract<Command, { type: 'receipts.record' }>['receipts'][number]

/**
 * Raises marks, except for revoked devices. Notifies the account's own devices and, if the
 * participant has accepted, the others who have: a participant sends no receipts to people who were
 * not accepted.
 */
export async function recordReceipts(
  context: ChatContext,
  batch: readonly SentReceipt[],
): Promise<void> {
  await transact(context, async (tx, record) => {
    const grown = await receipts.raise(tx, highestMarks(batch))
    if (grown.length === 0) return
    const standings = await participants.list(tx, [
      ...new Set(grown.map(({ conversationId }) => conversationId)),
    ])
    await record(eventsOf(grown, standings))
  })
}

/** One entry per device and conversation, because a batch may contain several marks of one. */
export function highestMarks(batch: readonly SentReceipt[]): receipts.SentMarks[] {
  const highest = new Map<string, receipts.SentMarks>()
  for (const { actor, receipt } of batch) {
    const { conversationId, readSeq } = receipt
    const { accountId, deviceId } = actor
    const key = conversationId + accountId + deviceId
    const known = highest.get(key)
    highest.set(key, {
      conversationId,
      accountId,
      deviceId,
      // Envelopes that were read were also delivered.
      deliveredSeq: Math.max(receipt.deliveredSeq, readSeq, known?.deliveredSeq ?? 0),
      readSeq: Math.max(readSeq, known?.readSeq ?? 0),
    })
  }
  return [...highest.values()]
}

function eventsOf(
  grown: readonly receipts.Marks[],
  standings: readonly participants.Standing[],
): AccountEvent[] {
  const members = Map.groupBy(standings, ({ conversationId }) => conversationId)
  return grown.map(({ conversationId, accountId, deliveredSeq, readSeq }) => {
    const others = canSeeEachOther(accountId, members.get(conversationId) ?? [])
    return {
      type: 'receipts.changed',
      recipients: [accountId, ...others],
      accountId,
      receipts: [{ conversationId, deliveredSeq, readSeq }],
    }
  })
}
