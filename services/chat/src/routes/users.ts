import { type App, route } from '@sotto/service-runtime'
import { chatRequests } from '@sotto/wire'
import type { ChatContext } from '../context.ts'
import { findAccount, findAccounts, loadAccount } from '../domain/find-accounts.ts'
import { publishAccount } from '../domain/publish-account.ts'

/** What accounts publish, and how they are found. */
export function userRoutes(app: App, context: ChatContext) {
  route(app, chatRequests.putUser, async ({ actor, body }) => {
    await publishAccount(context, actor, body)
    return {}
  })
  route(app, chatRequests.ownUser, async ({ actor }) => ({
    account: (await findAccount(context, actor.accountId)) ?? null,
  }))
  route(app, chatRequests.getUser, ({ params }) => loadAccount(context, params.accountId))
  route(app, chatRequests.listUsers, ({ query }) => findAccounts(context, query))
}
