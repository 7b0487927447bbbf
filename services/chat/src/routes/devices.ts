import { type App, route } from '@sotto/service-runtime'
import { chatRequests } from '@sotto/wire'
import type { ChatContext } from '../context.ts'
import { enrollDevice } from '../domain/devices/enroll-device.ts'
import { proveDevice } from '../domain/devices/prove-device.ts'

/** The caller's devices. */
export function deviceRoutes(app: App, context: ChatContext) {
  route(app, chatRequests.putDevice, async ({ actor, params, body }) => {
    await enrollDevice(context, actor, { ...params, ...body })
    return {}
  })
  route(app, chatRequests.proveDevice, async ({ params, body, request }) => {
    await proveDevice(context, request.ip, { ...params, ...body })
    return {}
  })
}
