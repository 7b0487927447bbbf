import { type App, route } from '@sotto/service-runtime'
import { authRequests } from '@sotto/wire'
import type { AuthContext } from '../context.ts'
import { removePassword } from '../domain/email-log-in.ts'
import { lookUp } from '../domain/look-up.ts'
import { replaceWraps } from '../domain/replace-wraps.ts'
import * as accounts from '../store/accounts.ts'
import * as wraps from '../store/wraps.ts'

/** The own account, its wraps of the root secret, and finding others. */
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
  route(app, authRequests.removePassword, async ({ actor }) => {
    await removePassword(context, actor.accountId)
    return {}
  })
  route(app, authRequests.listWraps, async ({ actor }) => ({
    wraps: await wraps.list(sql, actor.accountId),
  }))
  route(app, authRequests.replaceWraps, async ({ actor, body }) => {
    await replaceWraps(context, actor.accountId, body.wraps)
    return {}
  })
  route(app, authRequests.putWrap, async ({ actor, params, body }) => {
    await wraps.put(sql, actor.accountId, { kind: params.kind, ciphertext: body.ciphertext })
    return {}
  })
  route(app, authRequests.jwks, async () => ({ keys: context.tokens.publicKeys.keys }))
}
