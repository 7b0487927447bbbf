import {
  authClientVariables,
  checkForProduction,
  databaseUrl,
  type Env,
  flag,
  limitFactor,
  operatorVariables,
  poolSize,
  port,
  processConfig,
  readConfig,
  serviceVariables,
  siteOf,
  wholeNumber,
} from '@sotto/service-runtime'
import { type Protocol, SignUpMode } from '@sotto/wire'
import { z } from 'zod'
import type { Quotas } from './domain/usage/quotas.ts'
import { quotasOf, quotaVariables } from './quota-variables.ts'

/** The operator's settings for the chat service itself. */
export interface ChatConfig {
  /** Whether members may list each other. Otherwise, only a complete name finds a person. */
  readonly directoryOpen: boolean
  /** How much an account may store. */
  readonly quotas?: Quotas
  /** How long new keys wait for an account in use; 0, the default, means not at all. */
  readonly newKeysDelayHours?: number
  /** How many accounts a conversation in each protocol may have; `PROTOCOL_PARTICIPANTS` by default. */
  readonly maxParticipants?: Readonly<Record<Protocol, number>>
  /** Multiplies the limits, for load tests; 1 by default. */
  readonly limitFactor?: number
}

/** The variables that determine whether members may list each other. */
const directoryVariables = {
  SIGN_UP: z.enum(SignUpMode.options, 'must be open, invitation or closed').optional(),
  DIRECTORY_OPEN: flag.optional(),
}

const Directory = z.object({ ...directoryVariables, NODE_ENV: serviceVariables.NODE_ENV })

/**
 * Whether members may list each other. By default not if any stranger may become a member, that is,
 * in production with open sign-up.
 */
export function isDirectoryOpen(variables: z.output<typeof Directory>): boolean {
  const { DIRECTORY_OPEN, SIGN_UP, NODE_ENV } = variables
  const isForStrangers = NODE_ENV === 'production' && (SIGN_UP ?? 'open') === 'open'
  return DIRECTORY_OPEN ?? !isForStrangers
}

/** The operator's settings, whatever process the service runs in. */
export const chatSettings = {
  ...directoryVariables,
  NEW_KEYS_DELAY_HOURS: wholeNumber(0, 720, 24).default(24),
  ...quotaVariables,
  RATE_LIMIT_FACTOR: limitFactor.default(1),
}

const ChatSettings = z.object({ ...chatSettings, NODE_ENV: serviceVariables.NODE_ENV })

/** The operator's settings as the service needs them. */
export function chatConfigOf(variables: z.output<typeof ChatSettings>): ChatConfig {
  return {
    directoryOpen: isDirectoryOpen(variables),
    newKeysDelayHours: variables.NEW_KEYS_DELAY_HOURS,
    quotas: quotasOf(variables, variables.RATE_LIMIT_FACTOR),
    limitFactor: variables.RATE_LIMIT_FACTOR,
  }
}

/** The variables of the chat service. */
export const chatVariables = z.object({
  ...serviceVariables,
  ...authClientVariables,
  CHAT_PORT: port.default(8083),
  INTERNAL_PORT: port.default(9083),
  CHAT_DATABASE_URL: databaseUrl,
  CHAT_OWNER_DATABASE_URL: databaseUrl.optional(),
  CHAT_DATABASE_CONNECTIONS: poolSize.default(15),
  ...chatSettings,
  ...operatorVariables,
})

/** The configuration of a process that runs only this service. Throws `ConfigError`. */
export function readChatConfig(env: Env) {
  const variables = readConfig(chatVariables, env)
  checkForProduction(variables, ['PUBLIC_URL', 'SIGN_UP'])
  return {
    ...processConfig(variables, {
      port: variables.CHAT_PORT,
      portVariable: 'CHAT_PORT',
      internalPort: variables.INTERNAL_PORT,
    }),
    operatorToken: variables.ADMIN_TOKEN,
    ...siteOf(variables),
    authUrl: variables.AUTH_URL,
    authInternalUrl: variables.AUTH_INTERNAL_URL,
    databaseUrl: variables.CHAT_DATABASE_URL,
    ownerUrl: variables.CHAT_OWNER_DATABASE_URL,
    maxConnections: variables.CHAT_DATABASE_CONNECTIONS,
    service: chatConfigOf(variables),
  }
}
