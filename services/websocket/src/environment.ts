import {
  authClientVariables,
  checkForProduction,
  type Env,
  flag,
  port,
  processConfig,
  readConfig,
  serviceVariables,
  siteOf,
} from '@sotto/service-runtime'
import { z } from 'zod'
import { ratesTimes, type WebsocketSettings } from './config.ts'

/** The variables of the websocket service. */
export const websocketVariables = z.object({
  ...serviceVariables,
  ...authClientVariables,
  WEBSOCKET_PORT: port.default(8082),
  INTERNAL_PORT: port.default(9082),
  ALLOW_MISSING_ORIGIN: flag.default(true),
  MAX_CONNECTIONS_PER_ADDRESS: z.coerce.number().int().min(1).default(5_000),
  RATE_LIMIT_FACTOR: z.coerce.number().positive().default(1),
})

/** The configuration of a process that runs nothing but the websocket service. Throws `ConfigError`. */
export function readWebsocketConfig(env: Env) {
  const variables = readConfig(websocketVariables, env)
  checkForProduction(variables, ['PUBLIC_URL'])
  const site = siteOf(variables)
  return {
    ...processConfig(variables, {
      port: variables.WEBSOCKET_PORT,
      portVariable: 'WEBSOCKET_PORT',
      internalPort: variables.INTERNAL_PORT,
    }),
    ...site,
    authUrl: variables.AUTH_URL,
    authInternalUrl: variables.AUTH_INTERNAL_URL,
    websocket: {
      allowedOrigins: site.allowedOrigins,
      allowMissingOrigin: variables.ALLOW_MISSING_ORIGIN,
      maxConnectionsPerAddress: variables.MAX_CONNECTIONS_PER_ADDRESS,
      ...ratesTimes(variables.RATE_LIMIT_FACTOR),
    } satisfies WebsocketSettings,
  }
}
