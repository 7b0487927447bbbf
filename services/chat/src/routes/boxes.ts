import { type App, route } from '@sotto/service-runtime'
import { chatRequests } from '@sotto/wire'
import type { ChatContext } from '../context.ts'
import { keepBox, loadBox } from '../domain/keep-box.ts'

/** What the own account keeps sealed under its root secret. */
export function boxRoutes(app: App, context: ChatContext) {
  route(app, chatRequests.getBox, async ({ actor, params }) => ({
    box: await loadBox(context, actor, params.box),
  }))
  route(app, chatRequests.putBox, async ({ actor, params, body }) => {
    await keepBox(context, actor, params.box, body)
    return {}
  })
}
