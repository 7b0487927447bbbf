import { flag, list, port, readConfig } from '@sotto/service-runtime'
import { z } from 'zod'
import type { WebsocketSettings } from './config.ts'

const Environment = z.object({
  HOST: z.string().default('127.0.0.1'),
  PORT: port.default(8082),
  TRUST_PROXY: list.default([]),
  TOKEN_ISSUER: z.url('must be the address of the auth service as it is written in tokens'),
  TOKEN_AUDIENCE: z.string().default('sotto'),
  JWKS_URL: z.url("must be the address of the auth service's public keys"),
  ALLOWED_ORIGINS: list,
  ALLOW_MISSING_ORIGIN: flag.default(true),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
})

/** The configuration of a process that runs nothing but the websocket service. Throws `ConfigError`. */
export function readWebsocketConfig(env: NodeJS.ProcessEnv) {
  const variables = readConfig(Environment, env)
  return {
    server: { host: variables.HOST, port: variables.PORT, trustProxy: variables.TRUST_PROXY },
    tokens: {
      issuer: variables.TOKEN_ISSUER,
      audience: variables.TOKEN_AUDIENCE,
      jwksUrl: variables.JWKS_URL,
    },
    logLevel: variables.LOG_LEVEL,
    websocket: {
      allowedOrigins: variables.ALLOWED_ORIGINS,
      allowMissingOrigin: variables.ALLOW_MISSING_ORIGIN,
      trustedProxies: variables.TRUST_PROXY,
    } satisfies WebsocketSettings,
  }
}
