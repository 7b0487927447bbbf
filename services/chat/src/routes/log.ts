import { type App, route } from '@sotto/service-runtime'
import { chatRequests } from '@sotto/wire'
import type { ChatContext } from '../context.ts'
import { readLog, readServerRow } from '../domain/envelopes/read-log.ts'

/** The logs of conversations. */
export function logRoutes(app: App, context: ChatContext) {
  route(app, chatRequests.readLog, ({ actor, params, query }) =>
    readLog(context, actor, params.conversationId, query),
  )
  route(app, chatRequests.serverRow, ({ actor, params }) => readServerRow(context, actor, params))
}
