import { readFileSync } from 'node:fs'
import type { z } from 'zod'

/** An invalid configuration. The message has one line per variable and contains no values. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/** The environment of a process: `process.env`, or the values of a test. */
export type Env = Readonly<Record<string, string | undefined>>

/**
 * Reads the variables of `schema` from `env`. An empty variable counts as absent, so that `FOO= npm
 * start` means the default. `FOO_FILE` names a file that contains the value of `FOO`, as container
 * platforms provide secrets. Throws `ConfigError`.
 */
export function readConfig<S extends z.ZodObject>(schema: S, env: Env): z.output<S> {
  const given = Object.keys(schema.shape)
    .map((name) => [name, readVariable(env, name)])
    .filter(([, value]) => value !== undefined && value !== '')
  const result = schema.safeParse(Object.fromEntries(given))
  if (result.success) return result.data
  const lines = new Map<string, string>()
  for (const { path, message } of result.error.issues) {
    // For an entry of a list, report the list.
    const name = String(path[0] ?? '')
    // Report one problem per variable: a short secret is often too regular as well.
    if (!lines.has(name)) lines.set(name, name === '' ? message : `${name}: ${message}`)
  }
  throw new ConfigError([...lines.values()].join('\n'))
}

function readVariable(env: Env, name: string): string | undefined {
  const file = env[`${name}_FILE`]
  if (file === undefined || file === '') return env[name]
  if (env[name]) throw new ConfigError(`${name}: is set, but so is ${name}_FILE`)
  try {
    return readFileSync(file, 'utf8').trimEnd()
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? error.code : 'unreadable'
    throw new ConfigError(
      `${name}_FILE: cannot be read (${reason}); must be the path of a file that contains the value, like /run/secrets/name`,
    )
  }
}
