import { type ConversationId, chatRequests, type StoredEnvelope } from '@sotto/wire'
import type { UnlockedContext } from '../account/state/unlocked-context.ts'
import { ClientError } from '../api/errors.ts'

type LogQuery = { after: number; limit: number } | { before?: number; limit: number }

/**
 * Reads a page of envelopes of this conversation, in order. A number that is missing in the log never arrives later; the
 * counters show whether a message is missing.
 */
export async function readPage({ call }: UnlockedContext, id: ConversationId, query: LogQuery) {
  const { envelopes } = await call(chatRequests.readLog, { params: { conversationId: id }, query })
  const isInOrder = envelopes.every(({ seq }, i) => seq > (envelopes[i - 1]?.seq ?? 0))
  const isOfThis = envelopes.every(({ conversationId }) => conversationId === id)
  if (!isInOrder || !isOfThis) throw new ClientError('untrusted_answer')
  return envelopes
}

export function sorted(envelopes: readonly StoredEnvelope[]): StoredEnvelope[] {
  const bySeq = new Map(envelopes.map((envelope) => [envelope.seq, envelope]))
  return [...bySeq.values()].sort((one, other) => one.seq - other.seq)
}

/** The envelopes up to the first gap. */
export function withoutHole(envelopes: readonly StoredEnvelope[]): StoredEnvelope[] {
  const start = envelopes[0]?.seq ?? 0
  const end = envelopes.findIndex(({ seq }, i) => seq !== start + i)
  return end < 0 ? [...envelopes] : envelopes.slice(0, end)
}
