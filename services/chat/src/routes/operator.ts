import { type App, DomainError, readTableSizes, route } from '@sotto/service-runtime'
import { MAX_LARGEST, chatOperatorRequests as requests } from '@sotto/wire/operator'
import type { ChatContext } from '../context.ts'
import { putKeysBack, showKeptKeys } from '../domain/accounts/put-keys-back.ts'
import { searchNames, showPublished } from '../domain/accounts/show-published.ts'
import * as namedAccounts from '../store/accounts/named-accounts.ts'

/** The routes for the operator's commands, on the listener that the gateway does not reach. */
export function operatorRoutes(app: App, context: ChatContext) {
  const { sql } = context
  route(app, requests.searchNames, async ({ body }) => searchNames(context, body))
  route(app, requests.readNames, async ({ body }) => ({
    accounts: await namedAccounts.list(sql, body.accountIds),
  }))
  route(app, requests.showPublished, async ({ params }) => showPublished(context, params.accountId))
  route(app, requests.setQuota, async ({ params, body }) => {
    const quota = await namedAccounts.setQuota(sql, params.accountId, body)
    if (!quota) throw new DomainError('account_not_found')
    return quota
  })
  route(app, requests.showKeptKeys, async ({ params }) => showKeptKeys(context, params.accountId))
  route(app, requests.putKeysBack, async ({ params }) =>
    putKeysBack(context, params.accountId, params.day),
  )
  route(app, requests.storage, async () => ({
    tables: await readTableSizes(sql, 'chat'),
    largest: await namedAccounts.listLargest(sql, MAX_LARGEST),
  }))
}
