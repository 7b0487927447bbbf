import { readFileSync } from 'node:fs'
import type { z } from 'zod'

/** A configuration that cannot be used. The message has one line per variable and no values. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/** What a process was started with: `process.env`, or what a test gives. */
export type Env = Readonly<Record<string, string | undefined>>

/**
 * Reads the variables that `schema` names from `env`. An empty variable counts as absent, so that
 * `FOO= npm start` means the default; `FOO_FILE` names a file that holds the value of `FOO`, as
 * container platforms hand out secrets. Throws `ConfigError`.
 */
export function readConfig<S extends z.ZodObject>(schema: S, env: Env): z.output<S> {
  const given = Object.keys(schema.shape)
    .map((name) => [name, readVariable(env, name)])
    .filter(([, value]) => value !== undefined && value !== '')
  const result = schema.safeParse(Object.fromEntries(given))
  if (result.success) return result.data
  const lines = new Map<string, string>()
  for (const { path, message } of result.error.issues) {
    // Of an entry of a list the name of the list.
    const name = String(path[0] ?? '')
    // One is enough to begin with: a short secret is often too regular too.
    if (!lines.has(name)) lines.set(name, name === '' ? message : `${name}: ${message}`)
  }
  throw new ConfigError([...lines.values()].join('\n'))
}

function readVariable(env: Env, name: string): string | undefined {
  const file = env[`${name}_FILE`]
  if (file === undefined || file === '') return env[name]
  if (env[name]) throw new ConfigError(`${name}: is set, and ${name}_FILE too`)
  try {
    return readFileSync(file, 'utf8').trimEnd()
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? error.code : 'unreadable'
    throw new ConfigError(
      `${name}_FILE: cannot be read (${reason}); must be the path of a file that holds the value, like /run/secrets/name`,
    )
  }
}
