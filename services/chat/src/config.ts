import { flag, list, port, readConfig } from '@sotto/service-runtime'
import { z } from 'zod'

/** What an operator decides about the chat service itself. */
export interface ChatConfig {
  /** Whether members may list each other; otherwise only a whole name finds somebody. */
  readonly directoryOpen: boolean
}

const webAddress = z.url({ protocol: /^https?$/, error: 'must be like https://chat.example.org' })

const Environment = z.object({
  CHAT_DATABASE_URL: z.string({ error: 'must be the address of the database' }),
  CHAT_DATABASE_CONNECTIONS: z.coerce.number().int().min(2).max(100).default(10),
  HOST: z.string().default('127.0.0.1'),
  CHAT_PORT: port.default(8083),
  TRUSTED_PROXIES: list.default([]),
  PUBLIC_URL: webAddress.default('http://localhost:8080'),
  TOKEN_AUDIENCE: z.string().max(128).default('sotto'),
  AUTH_JWKS_URL: webAddress.default('http://127.0.0.1:8081/.well-known/jwks.json'),
  DIRECTORY_OPEN: flag.default(true),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
})

/** What a process that runs this service alone is started with. Throws `ConfigError`. */
export function readChatConfig(env: NodeJS.ProcessEnv) {
  const variables = readConfig(Environment, env)
  return {
    databaseUrl: variables.CHAT_DATABASE_URL,
    maxConnections: variables.CHAT_DATABASE_CONNECTIONS,
    host: variables.HOST,
    port: variables.CHAT_PORT,
    trustProxy: variables.TRUSTED_PROXIES.length > 0 ? variables.TRUSTED_PROXIES : false,
    issuer: variables.PUBLIC_URL,
    audience: variables.TOKEN_AUDIENCE,
    jwksUrl: variables.AUTH_JWKS_URL,
    logLevel: variables.LOG_LEVEL,
    service: { directoryOpen: variables.DIRECTORY_OPEN } satisfies ChatConfig,
  } as const
}
