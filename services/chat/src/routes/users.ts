import { type App, route } from '@sotto/service-runtime'
import { chatRequests } from '@sotto/wire'
import type { ChatContext } from '../context.ts'
import { listNewKeys, stopNewKeys } from '../domain/accounts/admit-new-keys.ts'
import { findAccounts, loadAccount, loadOwnAccount } from '../domain/accounts/find-accounts.ts'
import { publishAccount } from '../domain/accounts/publish-account.ts'

/** The published data of accounts, and how accounts are found. */
export function userRoutes(app: App, context: ChatContext) {
  route(app, chatRequests.putUser, async ({ actor, body }) => {
    await publishAccount(context, actor, body)
    return {}
  })
  route(app, chatRequests.ownUser, async ({ actor }) => ({
    account: (await loadOwnAccount(context, actor.accountId)) ?? null,
  }))
  route(app, chatRequests.listNewKeys, async ({ actor }) => ({
    waiting: await listNewKeys(context, actor),
  }))
  route(app, chatRequests.stopNewKeys, async ({ actor, body }) => {
    await stopNewKeys(context, actor, body)
    return {}
  })
  route(app, chatRequests.getUser, ({ actor, params }) =>
    loadAccount(context, actor.accountId, params.accountId),
  )
  route(app, chatRequests.listUsers, ({ query }) => findAccounts(context, query))
}
