import { isAbsolute, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { policyOf, policyVariables, senderVariables } from '@sotto/auth'
import { quotasOf, quotaVariables } from '@sotto/chat'
import {
  checkForProduction,
  type Env,
  environmentName,
  flag,
  limitFactor,
  list,
  listenHost,
  logLevel,
  portFrom,
  proxyList,
  readConfig,
  secretInHeader,
  webAddress,
  wholeNumber,
} from '@sotto/service-runtime'
import { ratesTimes } from '@sotto/websocket'
import { z } from 'zod'

const repository = fileURLToPath(new URL('../../../', import.meta.url))

/** Where `npm run build` puts the web app. */
export const webAppFolder = join(repository, 'apps/web/dist')

/** The variables of `npm start`. */
export const allInOneVariables = z.object({
  ...senderVariables,
  NODE_ENV: environmentName,
  PORT: portFrom(1, 8080).default(8080),
  HOST: listenHost.default('localhost'),
  SOTTO_DATA: z.string().default('data'),
  PUBLIC_URL: webAddress.optional(),
  ALLOWED_ORIGINS: list.pipe(z.array(webAddress)).default([]),
  TRUSTED_PROXIES: proxyList.default([]),
  GATEWAY_SECRET: secretInHeader.optional(),
  ...policyVariables,
  DIRECTORY_OPEN: flag.default(true),
  ...quotaVariables,
  RATE_LIMIT_FACTOR: limitFactor.default(1),
  MAX_CONNECTIONS_PER_ADDRESS: wholeNumber(1, 1_000_000, 5_000).optional(),
  LOG_LEVEL: logLevel.default('warn'),
  INTERNAL_HOST: listenHost.default('127.0.0.1'),
  INTERNAL_PORT: portFrom(1, 9080).optional(),
})

/** What may be set from outside. The variables are described in docs/configuration.md. */
export type Config = ReturnType<typeof readAllInOneConfig>

/** Reads the configuration of this process. Throws `ConfigError`. */
export function readAllInOneConfig(env: Env) {
  const variables = readConfig(allInOneVariables, env)
  checkForProduction(variables, ['PUBLIC_URL', 'SIGN_UP'])
  const { PORT, SOTTO_DATA, PUBLIC_URL, ALLOWED_ORIGINS } = variables
  const { RATE_LIMIT_FACTOR, MAX_CONNECTIONS_PER_ADDRESS } = variables
  const elsewhere = [...(PUBLIC_URL === undefined ? [] : [PUBLIC_URL]), ...ALLOWED_ORIGINS]
  return {
    port: PORT,
    host: variables.HOST,
    /** Where people reach us. */
    publicUrl: new URL(PUBLIC_URL ?? `http://localhost:${PORT}`).origin,
    dataFolder: isAbsolute(SOTTO_DATA) ? SOTTO_DATA : join(repository, SOTTO_DATA),
    origins: [...localOrigins(PORT), ...elsewhere.map((url) => new URL(url).origin)],
    proxies: { trusted: variables.TRUSTED_PROXIES, secret: variables.GATEWAY_SECRET },
    logLevel: variables.LOG_LEVEL,
    /** For metrics and the operator's commands; those find a free port by themselves. */
    internal:
      variables.INTERNAL_PORT === undefined
        ? { host: '127.0.0.1', port: 0 }
        : { host: variables.INTERNAL_HOST, port: variables.INTERNAL_PORT },
    auth: {
      ...policyOf(variables),
      limitFactor: RATE_LIMIT_FACTOR,
    },
    chat: {
      directoryOpen: variables.DIRECTORY_OPEN,
      quotas: quotasOf(variables, RATE_LIMIT_FACTOR),
      limitFactor: RATE_LIMIT_FACTOR,
    },
    websocket: {
      ...ratesTimes(RATE_LIMIT_FACTOR),
      ...(MAX_CONNECTIONS_PER_ADDRESS !== undefined && {
        maxConnectionsPerAddress: MAX_CONNECTIONS_PER_ADDRESS,
      }),
    },
  }
}

/** The addresses under which a browser on this machine reaches us. */
function localOrigins(port: number): string[] {
  return ['localhost', '127.0.0.1', '[::1]'].map((host) => new URL(`http://${host}:${port}`).origin)
}
