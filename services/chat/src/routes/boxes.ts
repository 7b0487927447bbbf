import { type App, route } from '@sotto/service-runtime'
import { chatRequests } from '@sotto/wire'
import type { ChatContext } from '../context.ts'
import { keepBox, loadBox } from '../domain/accounts/keep-box.ts'
import { keepManifest, loadManifest } from '../domain/accounts/keep-manifest.ts'

/** The caller's boxes, and the manifest that names their versions. */
export function boxRoutes(app: App, context: ChatContext) {
  route(app, chatRequests.getBox, async ({ actor, params }) => ({
    box: await loadBox(context, actor, params.box),
  }))
  route(app, chatRequests.putBox, async ({ actor, params, body }) => {
    await keepBox(context, actor, params.box, body)
    return {}
  })
  route(app, chatRequests.getManifest, async ({ actor }) => ({
    manifest: await loadManifest(context, actor),
  }))
  route(app, chatRequests.putManifest, async ({ actor, body }) => {
    await keepManifest(context, actor, body)
    return {}
  })
}
