import { mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { StartError, systemCode } from '@sotto/service-runtime'

/** Makes the data folder. Throws StartError when it cannot be written to. */
export async function makeDataFolder(folder: string): Promise<void> {
  try {
    await makeFolder(folder)
    const probe = join(folder, '.writable')
    await writeFile(probe, '')
    await rm(probe)
  } catch (error) {
    const code = systemCode(error) ?? 'unknown error'
    throw new StartError(
      `The data folder ${folder} cannot be written to (${code}); SOTTO_DATA chooses another one.`,
    )
  }
}

// Not `recursive`: where a file system refuses by ENOENT, as /proc does, Node tries for ever.
async function makeFolder(folder: string): Promise<void> {
  if (await stat(folder).catch(() => undefined)) return
  await makeFolder(dirname(folder))
  // 0711: the system user of the note "PostgreSQL and root" may pass through, not look around.
  await mkdir(folder, { mode: 0o711 })
}
