import {
  authClientVariables,
  checkForProduction,
  type Env,
  flag,
  limitFactor,
  port,
  processConfig,
  readConfig,
  serviceVariables,
  siteOf,
  wholeNumber,
} from '@sotto/service-runtime'
import { z } from 'zod'
import { ratesTimes, type WebsocketSettings } from './settings.ts'

/** The variables of the websocket service. */
export const websocketVariables = z.object({
  ...serviceVariables,
  ...authClientVariables,
  WEBSOCKET_PORT: port.default(8082),
  INTERNAL_PORT: port.default(9082),
  ALLOW_MISSING_ORIGIN: flag.default(true),
  MAX_CONNECTIONS_PER_ADDRESS: wholeNumber(1, 1_000_000, 5_000).default(5_000),
  RATE_LIMIT_FACTOR: limitFactor.default(1),
})

/** The configuration of a process that runs only the websocket service. Throws `ConfigError`. */
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
