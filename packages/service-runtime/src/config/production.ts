import { ConfigError } from './config.ts'
import { weaknessOf } from './strong-secret.ts'

type Variables = Readonly<Record<string, unknown>> & { readonly NODE_ENV: string }

const MIN_PASSWORD_CHARS = 16

/**
 * With `NODE_ENV=production`, throws a `ConfigError` with one line for each variable of `required`
 * that is missing, and for each insecure value. In development, it does nothing.
 */
export function checkForProduction(variables: Variables, required: readonly string[]) {
  if (variables.NODE_ENV !== 'production') return
  const missing = required
    .filter((name) => variables[name] === undefined)
    .map((name) => `${name}: must be set in production${hints[name] ?? ''}`)
  const unsafe = Object.entries(variables).flatMap(([name, value]) => {
    const fault = value === undefined ? undefined : faultOf(name, value)
    return fault ? [`${name}: ${fault}`] : []
  })
  const lines = [...missing, ...unsafe]
  if (lines.length > 0) throw new ConfigError(lines.join('\n'))
}

/** For names that do not explain themselves. */
const hints: Readonly<Record<string, string>> = {
  PUBLIC_URL: ', like https://chat.example.org',
  SIGN_UP: ': invitation, open or closed',
}

function faultOf(name: string, value: unknown): string | undefined {
  if (name === 'PUBLIC_URL')
    return isHttps(value) ? undefined : 'must begin with https:// in production'
  if (name === 'ALLOWED_ORIGINS') return faultOfOrigins(value as readonly string[])
  if (name === 'RATE_LIMIT_FACTOR') return value === 1 ? undefined : 'must be 1 in production'
  if (name === 'RABBITMQ_URL' || name.endsWith('_DATABASE_URL')) return faultOfCredentials(value)
  return undefined
}

function isHttps(value: unknown): boolean {
  return String(value).startsWith('https://')
}

function faultOfOrigins(origins: readonly string[]): string | undefined {
  if (origins.some((origin) => origin.includes('*')))
    return 'must not contain a wildcard in production'
  return origins.every(isHttps) ? undefined : 'must begin with https:// in production'
}

/** For a connection URL: an attacker who guesses its password owns everything behind it. */
function faultOfCredentials(value: unknown): string | undefined {
  const { username, password } = new URL(String(value))
  if (username === '' || username === 'guest')
    return 'must name a user other than guest in production'
  if (password === '') return 'must have a password in production'
  const weakness = weaknessOf(decodeURIComponent(password), MIN_PASSWORD_CHARS)
  return weakness && `its password ${weakness}; make one with: openssl rand -hex 24`
}
