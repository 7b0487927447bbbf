import { DomainError, type Tx } from '@sotto/service-runtime'
import {
  type AccountId,
  type Actor,
  type Conversation,
  ConversationId,
  type OpenedConversation,
} from '@sotto/wire'
import type { ChatContext } from '../../context.ts'
import * as views from '../../store/conversations/conversation-views.ts'
import { loadAccounts } from '../accounts/find-accounts.ts'
import { asSeenBy } from './conversation-view.ts'

/** A conversation as `viewer` sees it, with the signed keys of all participants. */
export async function openConversation(
  tx: Tx,
  viewer: AccountId,
  id: ConversationId,
): Promise<OpenedConversation> {
  const view = await views.find(tx, viewer, id)
  if (!view) throw new DomainError('conversation_not_found')
  const members = view.participants.map(({ accountId }) => accountId)
  return { conversation: asSeenBy(viewer, view), accounts: await loadAccounts(tx, viewer, members) }
}

/** The caller's conversations, latest activity first, including declined and blocked ones. */
export async function listConversations(
  { sql }: ChatContext,
  { accountId }: Actor,
  query: { after?: string | undefined; limit: number },
): Promise<{ conversations: Conversation[]; next: string | null }> {
  const after = query.after === undefined ? undefined : parsePosition(query.after)
  const rows = await views.list(sql, accountId, { after, limit: query.limit + 1 })
  const page = rows.slice(0, query.limit)
  const last = page.at(-1)
  return {
    conversations: page.map((view) => asSeenBy(accountId, view)),
    next: last && rows.length > query.limit ? formatPosition(last) : null,
  }
}

/** A position in the list, as a part of a cursor. */
export function formatPosition({ activeAt, id }: views.Position): string {
  return `${activeAt}:${id}`
}

/** Throws `invalid_request`. */
export function parsePosition(text: string): views.Position {
  const [, digits = '', rest = ''] = /^(\d{1,15}):(.+)$/.exec(text) ?? []
  const id = ConversationId.safeParse(rest)
  if (!id.success) throw new DomainError('invalid_request', { field: 'querystring/after' })
  return { activeAt: Number(digits), id: id.data }
}
