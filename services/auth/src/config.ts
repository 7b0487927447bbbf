import {
  ConfigError,
  checkForProduction,
  databaseUrl,
  type Env,
  limitFactor,
  operatorVariables,
  type ProcessConfig,
  poolSize,
  port,
  processConfig,
  readConfig,
  secretVariable,
  serviceVariables,
  siteOf,
} from '@sotto/service-runtime'
import { z } from 'zod'
import type { AuthServiceConfig } from './auth-service.ts'
import { policyOf, policyVariables } from './policy.ts'
import { newSigningKey, readSigningKeys } from './secrets/access-tokens.ts'
import { createOpaque, newOpaqueSetup } from './secrets/opaque.ts'
import { newOpaqueToken } from './secrets/opaque-token.ts'
import { senderVariables } from './senders/choose-sender.ts'

/** The variables of the auth service. */
export const authVariables = z.object({
  ...serviceVariables,
  ...senderVariables,
  AUTH_PORT: port.default(8081),
  INTERNAL_PORT: port.default(9081),
  AUTH_DATABASE_URL: databaseUrl,
  AUTH_OWNER_DATABASE_URL: databaseUrl.optional(),
  AUTH_DATABASE_CONNECTIONS: poolSize.default(10),
  AUTH_SIGNING_KEY: z.string().optional(),
  AUTH_OPAQUE_SETUP: z.string().optional(),
  AUTH_CODE_PEPPER: secretVariable.optional(),
  ...policyVariables,
  ...operatorVariables,
  RATE_LIMIT_FACTOR: limitFactor.default(1),
})

/** The configuration of a process that runs only this service. */
export interface AuthProcessConfig extends ProcessConfig {
  readonly databaseUrl: string
  readonly ownerUrl: string | undefined
  readonly maxConnections: number
  readonly service: AuthServiceConfig
  /** Secrets that were generated for this run because none were given; never in production. */
  readonly madeUp: readonly string[]
}

/**
 * Reads the configuration of the auth service; docs/configuration.md describes the variables. Throws `ConfigError`,
 * including if a secret is missing in production, too short, or an example value.
 */
export async function readAuthConfig(env: Env): Promise<AuthProcessConfig> {
  const variables = readConfig(authVariables, env)
  const { AUTH_SIGNING_KEY, AUTH_OPAQUE_SETUP, AUTH_CODE_PEPPER } = variables
  const secrets = { AUTH_SIGNING_KEY, AUTH_OPAQUE_SETUP, AUTH_CODE_PEPPER }
  checkForProduction(variables, ['PUBLIC_URL', 'SIGN_UP', ...Object.keys(secrets)])
  const service: AuthServiceConfig = {
    ...siteOf(variables),
    // Some tools cannot set a multi-line variable.
    signingKey: AUTH_SIGNING_KEY?.replaceAll('\\n', '\n') ?? newSigningKey(),
    opaqueSetup: AUTH_OPAQUE_SETUP ?? (await newOpaqueSetup()),
    codePepper: AUTH_CODE_PEPPER ?? newOpaqueToken(),
    ...policyOf(variables),
    limitFactor: variables.RATE_LIMIT_FACTOR,
  }
  await checkKeys(service)
  const absent = Object.entries(secrets).filter(([, value]) => value === undefined)
  return {
    ...processConfig(variables, {
      port: variables.AUTH_PORT,
      portVariable: 'AUTH_PORT',
      internalPort: variables.INTERNAL_PORT,
    }),
    operatorToken: variables.ADMIN_TOKEN,
    databaseUrl: variables.AUTH_DATABASE_URL,
    ownerUrl: variables.AUTH_OWNER_DATABASE_URL,
    maxConnections: variables.AUTH_DATABASE_CONNECTIONS,
    service,
    madeUp: absent.map(([name]) => name),
  }
}

async function checkKeys({ signingKey, opaqueSetup }: AuthServiceConfig) {
  const signingKeys = await readSigningKeys(signingKey).catch(() => [])
  if (signingKeys.length === 0) {
    throw new ConfigError(
      'AUTH_SIGNING_KEY: must be an Ed25519 key; make one with: openssl genpkey -algorithm ed25519',
    )
  }
  await createOpaque(opaqueSetup).catch(() => {
    throw new ConfigError(
      'AUTH_OPAQUE_SETUP: must be made with: npx @serenity-kit/opaque@1.1.0 create-server-setup',
    )
  })
}
