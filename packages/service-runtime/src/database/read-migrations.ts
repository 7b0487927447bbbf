import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { ConfigError } from '../config/config.ts'

/** One SQL file. Its name determines its order. Neither name nor text changes after a release. */
export interface Migration {
  readonly name: string
  readonly text: string
  readonly sha256: string
}

/** The content of a schema's table `migrations`: the hashes of those that have run, by name. */
export type RanMigrations = ReadonlyMap<string, string>

const runtimeFolder = fileURLToPath(new URL('./migrations/', import.meta.url))

/** The files of this package (event outbox, rate limits), then those of `folder`, by name. */
export async function readMigrations(folder: string): Promise<Migration[]> {
  return [...(await readFolder(runtimeFolder, 'runtime/')), ...(await readFolder(folder, ''))]
}

async function readFolder(folder: string, prefix: string): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort()
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(`${folder}/${name}`, 'utf8')
      return { name: prefix + name, text, sha256: createHash('sha256').update(text).digest('hex') }
    }),
  )
}

/**
 * The pending migrations. Throws `ConfigError` if a migration was changed after it ran, or if the
 * database has migrations that this version does not know, which means that it was migrated by a
 * newer version.
 */
export function missingMigrations(
  migrations: readonly Migration[],
  ran: RanMigrations,
  schema: string,
): Migration[] {
  const known = new Set(migrations.map(({ name }) => name))
  const unknown = [...ran.keys()].filter((name) => !known.has(name)).sort()
  if (unknown.length > 0) {
    throw new ConfigError(
      `A newer version of Sotto has migrated the database (schema ${schema}: ${unknown.join(', ')}). Start that version, or restore a backup from before.`,
    )
  }
  const changed = migrations.find(({ name, sha256 }) => ran.has(name) && ran.get(name) !== sha256)
  if (changed) {
    throw new ConfigError(
      `Migration ${changed.name} of the schema ${schema} was changed after it ran.`,
    )
  }
  return migrations.filter(({ name }) => !ran.has(name))
}
