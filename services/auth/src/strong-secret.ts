import { ConfigError } from '@sotto/service-runtime'
import { z } from 'zod'

const MIN_SECRET_CHARS = 32
const MIN_DIFFERENT_CHARS = 12
const LOOKS_LIKE_AN_EXAMPLE =
  /change.?me|default|development|dummy|example|password|placeholder|secret/i

const HOW = 'make one with: openssl rand -base64 32'

/** A variable that holds a secret of our own making. */
export const secretVariable = z
  .string()
  .min(MIN_SECRET_CHARS, `must have at least ${MIN_SECRET_CHARS} characters; ${HOW}`)
  .refine((value) => new Set(value).size >= MIN_DIFFERENT_CHARS, `is too regular; ${HOW}`)
  .refine((value) => !LOOKS_LIKE_AN_EXAMPLE.test(value), `looks like an example; ${HOW}`)

/** Throws unless everything that production needs is there. */
export function requireInProduction(
  environment: string,
  variables: Readonly<Record<string, unknown>>,
) {
  if (environment !== 'production') return
  const missing = Object.keys(variables).filter((name) => variables[name] === undefined)
  if (missing.length === 0) return
  throw new ConfigError(missing.map((name) => `${name}: must be set in production`).join('\n'))
}
