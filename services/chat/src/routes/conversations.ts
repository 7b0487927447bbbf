import { type App, route } from '@sotto/service-runtime'
import { chatRequests } from '@sotto/wire'
import type { ChatContext } from '../context.ts'
import {
  answerConversation,
  listBlocked,
  unblock,
} from '../domain/conversations/answer-conversation.ts'
import { createConversation } from '../domain/conversations/create-conversation.ts'
import { listChanges, readEra } from '../domain/conversations/list-changes.ts'
import { listConversations, openConversation } from '../domain/conversations/read-conversations.ts'

/** Conversations, contact requests, and changes. */
export function conversationRoutes(app: App, context: ChatContext) {
  route(app, chatRequests.createConversation, ({ actor, body }) =>
    createConversation(context, actor, body),
  )
  route(app, chatRequests.listConversations, ({ actor, query }) =>
    listConversations(context, actor, query),
  )
  route(app, chatRequests.getConversation, ({ actor, params }) =>
    openConversation(context.sql, actor.accountId, params.conversationId),
  )
  route(app, chatRequests.answerConversation, async ({ actor, params, body }) => {
    await answerConversation(context, actor, { ...params, ...body })
    return {}
  })
  route(app, chatRequests.readEra, () => readEra(context))
  route(app, chatRequests.listChanges, ({ actor, query }) => listChanges(context, actor, query))
  route(app, chatRequests.listBlocked, ({ actor }) => listBlocked(context, actor))
  route(app, chatRequests.unblock, async ({ actor, params }) => {
    await unblock(context, actor, params.accountId)
    return {}
  })
}
