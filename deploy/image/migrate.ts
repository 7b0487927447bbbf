// Migrates both schemas to this version and exits: the part of a start that needs their owners.
// Services wait for it. Run it once per version, before its services; running it again does
// nothing.
import { fileURLToPath } from 'node:url'
import {
  ConfigError,
  connect,
  createLogger,
  databaseUrl,
  migrate,
  readConfig,
} from '@sotto/service-runtime'
import { z } from 'zod'

const role = z.string().regex(/^[a-z_]{1,63}$/, 'must be the name of a role, like sotto_auth')

/** The variables: the URLs of the owners, and the roles that get rights. */
export const Environment = z.object({
  AUTH_OWNER_DATABASE_URL: databaseUrl,
  CHAT_OWNER_DATABASE_URL: databaseUrl,
  AUTH_DATABASE_ROLE: role.default('sotto_auth'),
  CHAT_DATABASE_ROLE: role.default('sotto_chat'),
})

/**
 * Migrates the databases in the variables. Throws `ConfigError` and other errors of the database.
 */
export async function migrateBoth(env: NodeJS.ProcessEnv): Promise<void> {
  const variables = readConfig(Environment, env)
  const log = createLogger({ name: 'migrate', level: 'info' })
  for (const [schema, url, grantTo] of [
    ['auth', variables.AUTH_OWNER_DATABASE_URL, variables.AUTH_DATABASE_ROLE],
    ['chat', variables.CHAT_OWNER_DATABASE_URL, variables.CHAT_DATABASE_ROLE],
  ] as const) {
    const sql = connect(url, { maxConnections: 1, applicationName: 'sotto migrate' })
    const folder = fileURLToPath(
      new URL(`../../services/${schema}/src/migrations`, import.meta.url),
    )
    try {
      await migrate(sql, { schema, folder, grantTo })
    } catch (error) {
      throw explain(error, `${schema.toUpperCase()}_OWNER_DATABASE_URL`)
    } finally {
      await sql.end({ timeout: 5 })
    }
    log.info({ schema }, 'up to date')
  }
}

/** Explains errors that operators can fix, by the name of the variable. */
function explain(error: unknown, variable: string): unknown {
  const code = error instanceof Error && 'code' in error ? `${error.code}` : ''
  if (/^28/.test(code))
    return new ConfigError(`${variable}: PostgreSQL rejects this user or password`)
  if (code === '3D000') return new ConfigError(`${variable}: the database does not exist`)
  if (/^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ETIMEDOUT|CONNECT_TIMEOUT)$/.test(code)) {
    return new ConfigError(`${variable}: no PostgreSQL answers at this address (${code})`)
  }
  return error
}

if (import.meta.main) {
  await migrateBoth(process.env).catch((error) => {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  })
}
