import { z } from 'zod'

/** A configuration that cannot be used. The message has one line per variable and no values. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/**
 * Reads the variables that `schema` names from `env`. An empty variable counts as absent, so that
 * `FOO= npm start` means the default. Throws `ConfigError`.
 */
export function readConfig<S extends z.ZodObject>(
  schema: S,
  env: Readonly<Record<string, string | undefined>>,
): z.output<S> {
  const given = Object.keys(schema.shape)
    .map((name) => [name, env[name]])
    .filter(([, value]) => value !== undefined && value !== '')
  const result = schema.safeParse(Object.fromEntries(given))
  if (result.success) return result.data
  const lines = new Map<string, string>()
  for (const { path, message } of result.error.issues) {
    const name = path.join('.')
    // One is enough to begin with: a short secret is often too regular too.
    if (!lines.has(name)) lines.set(name, name === '' ? message : `${name}: ${message}`)
  }
  throw new ConfigError([...lines.values()].join('\n'))
}

/** A variable that is `true` or `false`. */
export const flag = z.enum(['true', 'false']).transform((value) => value === 'true')

/** A variable that holds a list, separated by commas. */
export const list = z.string().transform((value) =>
  value
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== ''),
)

/** A variable that holds a TCP port. */
export const port = z.coerce.number().int().min(0).max(65535)
