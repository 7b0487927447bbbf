import { existsSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { StartError } from '@sotto/service-runtime'

const repository = fileURLToPath(new URL('../../../../', import.meta.url))

/** A path that was typed: relative ones count from the clone, as those in variables do. */
export function inRepository(path: string): string {
  return isAbsolute(path) ? path : join(repository, path)
}

/** The data folder that is meant, which has to be there. Throws StartError. */
export function findDataFolder(named: string | undefined): string {
  const folder = inRepository(named ?? (process.env.SOTTO_DATA || 'data'))
  if (existsSync(folder)) return folder
  throw new StartError(`There is no ${folder}. --data names the folder of the Sotto that is meant.`)
}
