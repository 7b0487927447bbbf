// Brings both schemas to this version and ends: the part of a start that needs their owners. Services
// wait for it. Run once per version, before its services; running it again does nothing.
import { fileURLToPath } from 'node:url'
import { ConfigError, connect, createLogger, migrate, readConfig } from '@sotto/service-runtime'
import { z } from 'zod'

const address = z.url({ protocol: /^postgres(ql)?$/, error: 'must be like postgres://…' })
const role = z.string().regex(/^[a-z_]+$/, 'must be the name of a role')

/** What the preparation is started with: the addresses of the owners, the roles that get rights. */
export const Environment = z.object({
  AUTH_OWNER_DATABASE_URL: address,
  CHAT_OWNER_DATABASE_URL: address,
  AUTH_DATABASE_ROLE: role.default('sotto_auth'),
  CHAT_DATABASE_ROLE: role.default('sotto_chat'),
})

/** Migrates what the variables name. Throws `ConfigError` and the database's errors. */
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
    await migrate(sql, { schema, folder, grantTo }).finally(() => sql.end({ timeout: 5 }))
    log.info({ schema }, 'up to date')
  }
}

if (import.meta.main) {
  await migrateBoth(process.env).catch((error) => {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  })
}
