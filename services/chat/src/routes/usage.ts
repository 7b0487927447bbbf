import { type App, route } from '@sotto/service-runtime'
import { chatRequests } from '@sotto/wire'
import type { ChatContext } from '../context.ts'
import { readUsage } from '../domain/usage/read-usage.ts'

/** How much the caller's account has stored. */
export function usageRoutes(app: App, context: ChatContext) {
  route(app, chatRequests.ownUsage, ({ actor }) => readUsage(context, actor))
}
