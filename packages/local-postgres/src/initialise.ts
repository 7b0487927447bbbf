import { randomBytes } from 'node:crypto'
import { access, chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StartError } from '@sotto/service-runtime'
import type { Place } from './place.ts'
import { runProgram } from './programs.ts'

/** Creates the cluster at first use. Returns the superuser's password. */
export async function initialiseOnce(place: Place, dataFolder: string): Promise<string> {
  const isInitialised = await access(join(place.cluster, 'PG_VERSION')).then(
    () => true,
    () => false,
  )
  const password = await loadPassword(join(dataFolder, 'postgres-password'), isInitialised)
  if (!isInitialised) await initialise(place, password)
  return password
}

async function loadPassword(file: string, isInitialised: boolean): Promise<string> {
  const known = await readFile(file, 'utf8').catch(() => undefined)
  if (known !== undefined) return known.trim()
  if (isInitialised) throw new StartError(`${file} is missing or not readable. Restore it.`)
  const password = randomBytes(24).toString('base64url')
  await writeFile(file, `${password}\n`, { mode: 0o600, flush: true })
  return password
}

/**
 * Creates the cluster under a temporary name first, so that an interrupted attempt leaves nothing
 * behind.
 */
async function initialise(place: Place, password: string): Promise<void> {
  const attempt = `${place.cluster}.new`
  const passwordFile = `${place.cluster}.password`
  await rm(attempt, { recursive: true, force: true })
  await mkdir(attempt, { mode: 0o700 })
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 })
  if (place.user !== undefined) {
    await chown(attempt, place.user.uid, place.user.gid)
    await chown(passwordFile, place.user.uid, place.user.gid)
  }
  const settings = [
    '--username=postgres',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--data-checksums',
  ]
  try {
    await runProgram(place, 'initdb', ['-D', attempt, ...settings])
    await rename(attempt, place.cluster)
  } finally {
    await rm(passwordFile, { force: true })
  }
}
