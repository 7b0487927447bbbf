import { z } from 'zod'
import { Conversation, OpenedConversation, ProtocolName } from '../conversation.ts'
import { AccountId, ConversationId } from '../ids.ts'
import { MAX_PAGE, MAX_PARTICIPANTS } from '../limits.ts'
import { Cursor } from '../text.ts'
import { endpoint } from './endpoint.ts'
import { AccountParams, limit, Nothing } from './fields.ts'

const ConversationParams = z.strictObject({ conversationId: ConversationId })

/** Conversations, contact requests and blocked accounts. */
export const conversationRequests = {
  /**
   * Idempotent: the same id, creator, protocol and participants return the same conversation. Two
   * people share one conversation per protocol; `conversation_exists` names it.
   */
  createConversation: endpoint({
    method: 'POST',
    path: '/conversations',
    access: 'account',
    body: z.strictObject({
      id: ConversationId,
      /** Answers `protocol_not_supported` if the server does not know the protocol. */
      protocol: ProtocolName,
      /** Everyone except the creator. */
      participants: z.array(AccountId).min(1).max(MAX_PARTICIPANTS),
    }),
    response: OpenedConversation,
  }),
  /** Latest activity first. */
  listConversations: endpoint({
    method: 'GET',
    path: '/conversations',
    access: 'account',
    query: z.strictObject({ after: Cursor.optional(), limit }),
    response: z.strictObject({
      conversations: z.array(Conversation).max(MAX_PAGE),
      next: Cursor.nullable(),
    }),
  }),
  getConversation: endpoint({
    method: 'GET',
    path: '/conversations/:conversationId',
    access: 'account',
    params: ConversationParams,
    response: OpenedConversation,
  }),
  /** Answers a contact request, or withdraws the answer. `blocked` applies to the other account. */
  answerConversation: endpoint({
    method: 'PUT',
    path: '/conversations/:conversationId/state',
    access: 'account',
    params: ConversationParams,
    body: z.strictObject({ state: z.enum(['accepted', 'declined', 'blocked']) }),
    response: Nothing,
  }),
  listBlocked: endpoint({
    method: 'GET',
    path: '/blocks',
    access: 'account',
    response: z.strictObject({ accounts: z.array(AccountId).max(1000) }),
  }),
  unblock: endpoint({
    method: 'DELETE',
    path: '/blocks/:accountId',
    access: 'account',
    params: AccountParams,
    response: Nothing,
  }),
} as const
