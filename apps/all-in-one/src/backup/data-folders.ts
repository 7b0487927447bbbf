import { existsSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { StartError } from '@sotto/service-runtime'

const repository = fileURLToPath(new URL('../../../../', import.meta.url))

/**
 * A path from the command line. Relative ones are resolved against the clone, like those in
 * variables.
 */
export function inRepository(path: string): string {
  return isAbsolute(path) ? path : join(repository, path)
}

/** The selected data folder, which must exist. Throws StartError. */
export function findDataFolder(named: string | undefined): string {
  const folder = inRepository(named ?? (process.env.SOTTO_DATA || 'data'))
  if (existsSync(folder)) return folder
  throw new StartError(`${folder} does not exist. Set --data to Sotto's data folder.`)
}
