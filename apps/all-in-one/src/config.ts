import { networkInterfaces } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { policyOf, policyVariables, senderVariables } from '@sotto/auth'
import { chatConfigOf, chatSettings } from '@sotto/chat'
import {
  ConfigError,
  checkForProduction,
  type Env,
  environmentName,
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
import { acmeSettingsOf, acmeVariables, publicUrlOf } from './certificates/acme-variables.ts'

const repository = fileURLToPath(new URL('../../../', import.meta.url))

/** The output folder of `npm run build`. */
export const webAppFolder = join(repository, 'apps/web/dist')

/** The variables of `npm start`. */
export const allInOneVariables = z.object({
  ...senderVariables,
  ...acmeVariables,
  NODE_ENV: environmentName,
  PORT: portFrom(1, 8080).optional(),
  HTTP_PORT: portFrom(1, 80).optional(),
  HTTPS_PORT: portFrom(1, 443).optional(),
  HOST: listenHost.optional(),
  SOTTO_DATA: z.string().default('data'),
  PUBLIC_URL: webAddress.optional(),
  ALLOWED_ORIGINS: list.pipe(z.array(webAddress)).default([]),
  TRUSTED_PROXIES: proxyList.default([]),
  GATEWAY_SECRET: secretInHeader.optional(),
  ...chatSettings,
  ...policyVariables,
  MAX_CONNECTIONS_PER_ADDRESS: wholeNumber(1, 1_000_000, 5_000).optional(),
  LOG_LEVEL: logLevel.default('warn'),
  INTERNAL_HOST: listenHost.default('127.0.0.1'),
  INTERNAL_PORT: portFrom(1, 9080).optional(),
})

/** The settings of a process. docs/configuration.md describes the variables. */
export type Config = ReturnType<typeof readAllInOneConfig>

/** Reads the configuration of this process. Throws `ConfigError`. */
export function readAllInOneConfig(env: Env) {
  const variables = readConfig(allInOneVariables, env)
  const { DOMAIN, SOTTO_DATA, ALLOWED_ORIGINS } = variables
  checkForProduction(variables, [...(DOMAIN === undefined ? ['PUBLIC_URL'] : []), 'SIGN_UP'])
  const { RATE_LIMIT_FACTOR, MAX_CONNECTIONS_PER_ADDRESS } = variables
  const place = placeOf(variables)
  return {
    ...place,
    isProduction: variables.NODE_ENV === 'production',
    dataFolder: isAbsolute(SOTTO_DATA) ? SOTTO_DATA : join(repository, SOTTO_DATA),
    origins: [...place.origins, ...ALLOWED_ORIGINS.map((url) => new URL(url).origin)],
    proxies: { trusted: variables.TRUSTED_PROXIES, secret: variables.GATEWAY_SECRET },
    logLevel: variables.LOG_LEVEL,
    /**
     * For metrics and the operator's commands. The default is a free port, which the commands find
     * by themselves.
     */
    internal:
      variables.INTERNAL_PORT === undefined
        ? { host: '127.0.0.1', port: 0 }
        : { host: variables.INTERNAL_HOST, port: variables.INTERNAL_PORT },
    auth: {
      ...policyOf(variables),
      limitFactor: RATE_LIMIT_FACTOR,
    },
    chat: chatConfigOf(variables),
    websocket: {
      ...ratesTimes(RATE_LIMIT_FACTOR),
      ...(MAX_CONNECTIONS_PER_ADDRESS !== undefined && {
        maxConnectionsPerAddress: MAX_CONNECTIONS_PER_ADDRESS,
      }),
    },
  }
}

type Variables = z.output<typeof allInOneVariables>

/**
 * The listening address and the public address: with a domain by HTTPS, otherwise on one port
 * without.
 */
function placeOf(variables: Variables) {
  const { PORT, HTTP_PORT, HTTPS_PORT, HOST, PUBLIC_URL } = variables
  const acme = acmeSettingsOf(variables)
  if (acme === undefined) {
    refuseTogether('HTTP_PORT', HTTP_PORT, 'requires DOMAIN; without it, use PORT')
    refuseTogether('HTTPS_PORT', HTTPS_PORT, 'requires DOMAIN; without it, use PORT')
    const port = PORT ?? 8080
    const publicUrl = new URL(PUBLIC_URL ?? `http://localhost:${port}`).origin
    const origins = [...localOrigins(port), publicUrl]
    return { host: HOST ?? 'localhost', port, publicUrl, origins }
  }
  refuseTogether('PORT', PORT, 'cannot be used with DOMAIN; use HTTP_PORT and HTTPS_PORT')
  const port = HTTPS_PORT ?? 443
  const publicUrl = publicUrlOf(acme.domain, port, PUBLIC_URL)
  const acmeListener = { acme, httpPort: HTTP_PORT ?? 80 }
  return { host: HOST ?? everyAddress(), port, publicUrl, origins: [publicUrl], acmeListener }
}

function refuseTogether(name: string, value: number | undefined, reason: string): void {
  if (value !== undefined) throw new ConfigError(`${name}: ${reason}`)
}

/** A machine without IPv6 rejects its wildcard address. */
function everyAddress(): string {
  const addresses = Object.values(networkInterfaces()).flat()
  return addresses.some((address) => address?.family === 'IPv6') ? '::' : '0.0.0.0'
}

/** The origins under which a browser on this machine reaches the server. */
function localOrigins(port: number): string[] {
  return ['localhost', '127.0.0.1', '[::1]'].map((host) => new URL(`http://${host}:${port}`).origin)
}
