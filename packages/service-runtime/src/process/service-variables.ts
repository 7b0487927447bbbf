import { z } from 'zod'
import { ConfigError } from '../config/config.ts'
import { secretInHeader } from '../config/header-secret.ts'
import {
  environmentName,
  list,
  listenHost,
  logLevel,
  rabbitmqUrl,
  webAddress,
  wholeNumber,
  word,
} from '../config/variable-kinds.ts'
import { type ProxySettings, proxyList } from '../http/proxies.ts'

/** The variables with the same meaning in every service that runs in its own process. */
export const serviceVariables = {
  NODE_ENV: environmentName,
  HOST: listenHost.default('127.0.0.1'),
  LOG_LEVEL: logLevel.default('info'),
  PUBLIC_URL: webAddress.optional(),
  TOKEN_AUDIENCE: word.default('sotto'),
  TRUSTED_PROXIES: proxyList.default([]),
  GATEWAY_SECRET: secretInHeader.optional(),
  ALLOWED_ORIGINS: list.pipe(z.array(webAddress)).default([]),
  RABBITMQ_URL: rabbitmqUrl,
  INTERNAL_HOST: listenHost.default('127.0.0.1'),
  SHUTDOWN_DELAY_MS: wholeNumber(0, 60_000, 5_000).default(0),
}

/** The variables of services that ask the auth service for its keys and ended sessions. */
export const authClientVariables = {
  AUTH_URL: webAddress.default('http://127.0.0.1:8081'),
  AUTH_INTERNAL_URL: webAddress.default('http://127.0.0.1:9081'),
}

/** Everything that a process with one service needs to know. */
export interface ProcessConfig {
  readonly logLevel: string
  /** The address for users and the gateway. */
  readonly host: string
  readonly port: number
  readonly portVariable: string
  readonly proxies: ProxySettings
  /** The address for the operator and other services only. */
  readonly internalHost: string
  readonly internalPort: number
  readonly rabbitmqUrl: string
  /** The token of the operator's commands. Without it, their routes do not exist. */
  readonly operatorToken?: string | undefined
  /** How long the process still accepts connections after it was told to stop, in milliseconds. */
  readonly shutdownDelayMs: number
}

const Variables = z.object(serviceVariables)
type Variables = z.infer<typeof Variables>

/** The part of a service's configuration that is the same for all. */
export function processConfig(
  variables: Variables,
  listener: { port: number; portVariable: string; internalPort: number },
): ProcessConfig {
  return {
    ...listener,
    logLevel: variables.LOG_LEVEL,
    host: variables.HOST,
    proxies: proxiesOf(variables),
    internalHost: variables.INTERNAL_HOST,
    rabbitmqUrl: variables.RABBITMQ_URL,
    shutdownDelayMs: variables.SHUTDOWN_DELAY_MS,
  }
}

/**
 * Other programs on the gateway's machine share its address, so the address alone proves nothing.
 */
function proxiesOf({ TRUSTED_PROXIES: trusted, GATEWAY_SECRET: secret }: Variables): ProxySettings {
  if (trusted.length > 0 && secret === undefined) {
    throw new ConfigError(
      "GATEWAY_SECRET: must be set if TRUSTED_PROXIES is, to the gateway's secret; make one with: openssl rand -base64 32",
    )
  }
  return { trusted, secret }
}

/** The issuer and audience of tokens, and the pages that may call; the same in every service. */
export function siteOf({ PUBLIC_URL, TOKEN_AUDIENCE, ALLOWED_ORIGINS }: Variables) {
  const issuer = new URL(PUBLIC_URL ?? 'http://localhost:8080').origin
  const others = ALLOWED_ORIGINS.map((url) => new URL(url).origin)
  return { issuer, audience: TOKEN_AUDIENCE, allowedOrigins: [issuer, ...others] }
}
