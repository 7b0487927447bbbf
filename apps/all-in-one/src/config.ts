import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { list, readConfig } from '@sotto/service-runtime'
import { z } from 'zod'

const repository = fileURLToPath(new URL('../../../', import.meta.url))

const Environment = z.object({
  PORT: z.coerce
    .number('must be a number')
    .int('must be a whole number')
    .min(1, 'must be at least 1')
    .max(65535, 'must be at most 65535')
    .default(8080),
  HOST: z.string().default('localhost'),
  SOTTO_DATA: z.string().default('data'),
  SOTTO_ORIGINS: list.pipe(z.array(z.url('must be addresses like https://chat.example.org'))).default([]),
  TRUST_PROXY: list.default([]),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('warn'),
})

/** What may be set from outside; each variable is described in CONTRIBUTING.md and the README. */
export interface Config {
  port: number
  host: string
  /** Absolute. */
  dataFolder: string
  /** From which web pages browsers may call us. */
  origins: string[]
  /** Addresses of proxies whose `X-Forwarded-*` headers are believed. */
  trustProxy: string[]
  logLevel: string
}

/** Reads the configuration of this process. Throws ConfigError. */
export function readAllInOneConfig(env: NodeJS.ProcessEnv): Config {
  const { PORT, HOST, SOTTO_DATA, SOTTO_ORIGINS, TRUST_PROXY, LOG_LEVEL } = readConfig(
    Environment,
    env,
  )
  return {
    port: PORT,
    host: HOST,
    dataFolder: resolve(repository, SOTTO_DATA),
    origins: [...localOrigins(PORT), ...SOTTO_ORIGINS.map((url) => new URL(url).origin)],
    trustProxy: TRUST_PROXY,
    logLevel: LOG_LEVEL,
  }
}

/** The addresses under which a browser on this machine reaches us. */
export function localOrigins(port: number): string[] {
  return ['localhost', '127.0.0.1', '[::1]'].map((host) => new URL(`http://${host}:${port}`).origin)
}

/** Where `npm run build` puts the web app. */
export const webAppFolder = resolve(repository, 'apps/web/dist')
