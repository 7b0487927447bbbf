import { flag, list, port, readConfig } from '@sotto/service-runtime'
import { z } from 'zod'

/** What an operator decides about the chat service itself. */
export interface ChatConfig {
  /** Whether members may list each other; otherwise only a whole name finds somebody. */
  readonly directoryOpen: boolean
}

const Environment = z.object({
  DATABASE_URL: z.url('must be the address of a PostgreSQL database'),
  DATABASE_CONNECTIONS: z.coerce.number().int().min(2).max(100).default(10),
  HOST: z.string().default('127.0.0.1'),
  PORT: port.default(8083),
  TRUST_PROXY: list.default([]),
  TOKEN_ISSUER: z.url('must be the address of the auth service as it is written in tokens'),
  TOKEN_AUDIENCE: z.string().default('sotto'),
  JWKS_URL: z.url("must be the address of the auth service's public keys"),
  DIRECTORY_OPEN: flag.default(true),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
})

/** The configuration of a process that runs nothing but the chat service. Throws `ConfigError`. */
export function readChatConfig(env: NodeJS.ProcessEnv) {
  const variables = readConfig(Environment, env)
  return {
    database: {
      url: variables.DATABASE_URL,
      maxConnections: variables.DATABASE_CONNECTIONS,
    },
    server: { host: variables.HOST, port: variables.PORT, trustProxy: variables.TRUST_PROXY },
    tokens: {
      issuer: variables.TOKEN_ISSUER,
      audience: variables.TOKEN_AUDIENCE,
      jwksUrl: variables.JWKS_URL,
    },
    logLevel: variables.LOG_LEVEL,
    chat: { directoryOpen: variables.DIRECTORY_OPEN } satisfies ChatConfig,
  }
}
