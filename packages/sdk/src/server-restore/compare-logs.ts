import { type Conversation, chatRequests, MAX_PAGE, type StoredEnvelope } from '@sotto/wire'
import type { UnlockedContext } from '../account/state/unlocked-context.ts'
import { ClientError } from '../api/errors.ts'
import type { ConversationRecord } from '../conversations/conversation-record.ts'
import { readEntries } from '../conversations/log.ts'

/**
 * How far the local log and the server's are the same after the server was wound back. Logs only grow, so if both have
 * the same envelope at a seq, they agree on everything before it. A message that was sent again can have its old seq by
 * chance, but it's another envelope, accepted later and perhaps under another enrollment of its device. Before the
 * window of this device, an envelope is the same if it was accepted before the window's first one. Returns 0 if nothing
 * is the same.
 */
export async function commonSeq(
  deps: UnlockedContext,
  { id, window: { first, newest } }: ConversationRecord,
  { lastSeq, lastEnvelope }: Pick<Conversation, 'lastSeq' | 'lastEnvelope'>,
): Promise<number> {
  if (newest === 0) return 0
  const mine = new Map(
    (await readEntries(deps.storage, id, first, newest)).map((entry) => [entry.seq, entry]),
  )
  const begins = mine.get(first)?.at ?? 0
  const isSame = ({ seq, id: message, senderDeviceId, acceptedAt }: StoredEnvelope) => {
    if (seq < first) return acceptedAt <= begins
    const entry = mine.get(seq)
    const isMessage = entry?.id === message && entry.deviceId === senderDeviceId
    return isMessage && entry.at === acceptedAt
  }
  if (lastEnvelope && isSame(lastEnvelope)) return lastEnvelope.seq
  let before = Math.min(newest, lastSeq) + 1
  while (before > 1) {
    const query = { before, limit: before > newest ? 1 : MAX_PAGE }
    const { envelopes } = await deps.call(chatRequests.readLog, {
      params: { conversationId: id },
      query,
    })
    const same = envelopes.findLast(isSame)
    if (same) return same.seq
    const oldest = envelopes[0]
    if (!oldest) break
    if (oldest.seq >= before) throw new ClientError('untrusted_answer')
    before = oldest.seq
  }
  return 0
}
