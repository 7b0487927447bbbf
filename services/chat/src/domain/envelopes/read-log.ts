import { DomainError } from '@sotto/service-runtime'
import type { Actor, ConversationId, ServerRow, StoredEnvelope } from '@sotto/wire'
import type { ChatContext } from '../../context.ts'
import * as envelopes from '../../store/envelopes/envelopes.ts'

/** The newest envelopes before `before`, or the oldest after `after`. */
export type LogQuery =
  | { after: number; limit: number }
  | { before?: number | undefined; limit: number }

/** A page of a conversation's log, by seq. */
export async function readLog(
  { sql }: ChatContext,
  { accountId }: Actor,
  conversationId: ConversationId,
  query: LogQuery,
): Promise<{ envelopes: StoredEnvelope[] }> {
  const { limit } = query
  const range =
    'after' in query
      ? { after: query.after, limit }
      : { before: query.before ?? Number.MAX_SAFE_INTEGER, limit }
  const page = await envelopes.read(sql, accountId, conversationId, range)
  if (!page) throw new DomainError('conversation_not_found')
  return { envelopes: page.toSorted((one, other) => one.seq - other.seq) }
}

/** The raw row of an envelope, for the page "what the server sees". */
export async function readServerRow(
  { sql }: ChatContext,
  { accountId }: Actor,
  { conversationId, seq }: { conversationId: ConversationId; seq: number },
): Promise<ServerRow> {
  const columns = await envelopes.findRow(sql, accountId, conversationId, seq)
  if (columns === undefined) throw new DomainError('conversation_not_found')
  if (columns === null) throw new DomainError('not_found')
  return { table: 'chat.envelopes', columns }
}
