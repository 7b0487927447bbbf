import { type App, route } from '@sotto/service-runtime'
import { chatRequests, noPassword, writtenWrap, writtenWraps } from '@sotto/wire'
import type { ChatContext } from '../context.ts'
import { changeWraps } from '../domain/accounts/change-wraps.ts'

/** Writes of the wraps of the root secret, which the auth service stores. */
export function wrapRoutes(app: App, context: ChatContext) {
  route(app, chatRequests.replaceWraps, async ({ actor, body: { wraps, write } }) => {
    const written = writtenWraps(wraps)
    await changeWraps(context, actor, { change: { replaceAll: wraps }, written, write })
    return {}
  })
  route(app, chatRequests.putWrap, async ({ actor, params, body: { ciphertext, write } }) => {
    const put = { kind: params.kind, ciphertext }
    await changeWraps(context, actor, { change: { put }, written: writtenWrap(put), write })
    return {}
  })
  route(app, chatRequests.removePassword, async ({ actor, body: { write } }) => {
    const change = { removePassword: true } as const
    await changeWraps(context, actor, { change, written: noPassword, write })
    return {}
  })
}
