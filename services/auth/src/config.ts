import { ConfigError, list, port, readConfig } from '@sotto/service-runtime'
import { type CountryCode, isSupportedCountry } from 'libphonenumber-js'
import { z } from 'zod'
import type { AuthServiceConfig } from './auth-service.ts'
import { newSigningKey, readSigningKeys } from './domain/access-tokens.ts'
import { createOpaque, newOpaqueSetup } from './domain/opaque.ts'
import { newOpaqueToken } from './domain/opaque-token.ts'
import { requireInProduction, secretVariable } from './strong-secret.ts'

const webOrigin = z.url({ protocol: /^https?$/, error: 'must be like https://chat.example.org' })

const Environment = z.object({
  NODE_ENV: z.string().default('development'),
  AUTH_DATABASE_URL: z.string({ error: 'must be the address of the database' }),
  HOST: z.string().default('127.0.0.1'),
  AUTH_PORT: port.default(8081),
  PUBLIC_URL: webOrigin.optional(),
  ALLOWED_ORIGINS: list.pipe(z.array(webOrigin)).default([]),
  TRUSTED_PROXIES: list.default([]),
  TOKEN_AUDIENCE: z.string().max(128).default('sotto'),
  AUTH_SIGNING_KEY: z.string().optional(),
  AUTH_OPAQUE_SETUP: z.string().optional(),
  AUTH_CODE_PEPPER: secretVariable.optional(),
  DEFAULT_COUNTRY: z
    .custom<CountryCode>((code) => isSupportedCountry(`${code}`), 'must be a country code like DE')
    .optional(),
  RATE_LIMIT_FACTOR: z.coerce.number().positive().default(1),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
})
type Environment = z.infer<typeof Environment>

/** What a process that runs this service alone is started with. */
export interface AuthProcessConfig {
  readonly databaseUrl: string
  readonly host: string
  readonly port: number
  readonly trustProxy: string[] | false
  readonly logLevel: string
  readonly service: AuthServiceConfig
  /** Secrets that were made for this run only, because none were given; never in production. */
  readonly madeUp: readonly string[]
}

/**
 * Reads the configuration of the auth service; the variables are in the README. Throws
 * `ConfigError`, also for secrets that are missing in production, too short, or examples.
 */
export async function readAuthConfig(
  env: Readonly<Record<string, string | undefined>>,
): Promise<AuthProcessConfig> {
  const variables = readConfig(Environment, env)
  const { PUBLIC_URL, AUTH_SIGNING_KEY, AUTH_OPAQUE_SETUP, AUTH_CODE_PEPPER } = variables
  const secrets = { AUTH_SIGNING_KEY, AUTH_OPAQUE_SETUP, AUTH_CODE_PEPPER }
  requireInProduction(variables.NODE_ENV, { PUBLIC_URL, ...secrets })
  const publicUrl = PUBLIC_URL ?? 'http://localhost:8080'
  const service: AuthServiceConfig = {
    issuer: publicUrl,
    audience: variables.TOKEN_AUDIENCE,
    // Some tools cannot write a variable of several lines.
    signingKey: AUTH_SIGNING_KEY?.replaceAll('\\n', '\n') ?? newSigningKey(),
    opaqueSetup: AUTH_OPAQUE_SETUP ?? (await newOpaqueSetup()),
    codePepper: AUTH_CODE_PEPPER ?? newOpaqueToken(),
    allowedOrigins: [publicUrl, ...variables.ALLOWED_ORIGINS].map((url) => new URL(url).origin),
    defaultCountry: variables.DEFAULT_COUNTRY,
    limitFactor: variables.RATE_LIMIT_FACTOR,
  }
  await checkKeys(service)
  const absent = Object.entries(secrets).filter(([, value]) => value === undefined)
  return { ...processConfig(variables), service, madeUp: absent.map(([name]) => name) }
}

function processConfig(variables: Environment) {
  return {
    databaseUrl: variables.AUTH_DATABASE_URL,
    host: variables.HOST,
    port: variables.AUTH_PORT,
    trustProxy: variables.TRUSTED_PROXIES.length > 0 ? variables.TRUSTED_PROXIES : (false as const),
    logLevel: variables.LOG_LEVEL,
  }
}

async function checkKeys({ signingKey, opaqueSetup }: AuthServiceConfig) {
  const signingKeys = await readSigningKeys(signingKey).catch(() => [])
  if (signingKeys.length === 0) {
    throw new ConfigError(
      'AUTH_SIGNING_KEY: must be an Ed25519 key; openssl genpkey -algorithm ed25519',
    )
  }
  await createOpaque(opaqueSetup).catch(() => {
    throw new ConfigError(
      'AUTH_OPAQUE_SETUP: must be made with: npx @serenity-kit/opaque@1.1.0 create-server-setup',
    )
  })
}
