import type { App } from './app.ts'
import { secretInHeader } from './header-secret.ts'
import { admitOperator } from './route.ts'

/** The variable of the services that the operator's commands speak to. */
export const operatorVariables = {
  ADMIN_TOKEN: secretInHeader.optional(),
}

/**
 * Registers the operator's routes of a service on the internal listener. Without a token they do not exist,
 * so that nobody who reaches the listener can call them.
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
