import { mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { StartError, systemCode } from '@sotto/service-runtime'

/** Creates the data folder. Throws StartError if it is not writable. */
export async function makeDataFolder(folder: string): Promise<void> {
  try {
    await makeFolder(folder)
    const probe = join(folder, '.writable')
    await writeFile(probe, '')
    await rm(probe)
  } catch (error) {
    const code = systemCode(error) ?? 'unknown error'
    throw new StartError(
      `The data folder ${folder} is not writable (${code}). Set SOTTO_DATA to choose another one.`,
    )
  }
}

// Not `recursive`: on a file system that answers ENOENT, such as /proc, Node retries forever.
async function makeFolder(folder: string): Promise<void> {
  if (await stat(folder).catch(() => undefined)) return
  await makeFolder(dirname(folder))
  // 0711: the system user of the note "PostgreSQL and root" may pass through, but not list the
  // folder.
  await mkdir(folder, { mode: 0o711 })
}
