import { secretInHeader } from '../config/header-secret.ts'
import type { App } from '../http/app.ts'
import { admitOperator } from '../http/route.ts'

/** The variable of the services that the operator's commands call. */
export const operatorVariables = {
  ADMIN_TOKEN: secretInHeader.optional(),
}

/**
 * Registers a service's operator routes on the internal listener. Without a token, the routes do
 * not exist, so reaching the listener is not enough to call them.
 */
export async function registerForOperator(
  internal: App,
  token: string | undefined,
  plugin: ((app: App) => Promise<void>) | undefined,
): Promise<void> {
  if (token === undefined || !plugin) return
  await internal.register(async (app) => {
    admitOperator(app as App, token)
    await plugin(app as App)
  })
}
