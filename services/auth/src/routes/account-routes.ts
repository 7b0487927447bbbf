import { type App, route } from '@sotto/service-runtime'
import { authRequests } from '@sotto/wire'
import type { AuthContext } from '../context.ts'
import { lookUp } from '../domain/accounts/look-up.ts'
import { loadWraps } from '../domain/wraps/keep-wraps.ts'
import * as accounts from '../store/accounts.ts'

/** The caller's account, its wraps of the root secret, and finding others. */
export function accountRoutes(app: App, context: AuthContext) {
  const { sql } = context
  route(app, authRequests.ownAccount, async ({ actor }) => accounts.load(sql, actor.accountId))
  route(app, authRequests.setFindable, async ({ actor, body }) => {
    await accounts.setFindable(sql, actor.accountId, body.findable)
    return {}
  })
  route(app, authRequests.lookUp, async ({ actor, body, request }) =>
    lookUp(context, actor, request.ip, body),
  )
  route(app, authRequests.listWraps, async ({ actor }) => loadWraps(context, actor.accountId))
  route(app, authRequests.jwks, async () => ({ keys: context.tokens.publicKeys.keys }))
}
