import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StartError, systemCode } from '@sotto/service-runtime'
import { z } from 'zod'

const MAX_FILE_CHARS = 64 * 1024
const MAX_FILES = 64

/** The secrets of an installation: the content of each secret file by name. */
export const SecretFiles = z.record(
  z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/),
  z.string().max(MAX_FILE_CHARS),
)
export type SecretFiles = z.infer<typeof SecretFiles>

/** In the data folder of `npm start` and `npm run cluster`. */
const OWN_FILE = 'secrets.json'
/** In a folder for containers: the one secret that can never be replaced. */
const OPAQUE_FILE = 'auth_opaque_setup'

/** Reads the secrets of a data folder. Throws StartError. */
export async function readOwnSecrets(dataFolder: string): Promise<SecretFiles> {
  return { [OWN_FILE]: await readSecret(join(dataFolder, OWN_FILE)) }
}

/** Reads all files of a folder of secrets, such as `deploy/secrets`. Throws StartError. */
export async function readSecretFolder(folder: string): Promise<SecretFiles> {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name)
    if (!names.includes(OPAQUE_FILE)) {
      throw new StartError(`${folder} is not a folder of secrets: ${OPAQUE_FILE} is missing.`)
    }
    if (names.length > MAX_FILES)
      throw new StartError(`${folder} has more than ${MAX_FILES} files.`)
    const texts = await Promise.all(names.map((name) => readSecret(join(folder, name))))
    return SecretFiles.parse(Object.fromEntries(names.map((name, n) => [name, texts[n]])))
  } catch (error) {
    if (error instanceof StartError) throw error
    throw new StartError(`${folder} cannot be read as a folder of secrets.`)
  }
}

async function readSecret(file: string): Promise<string> {
  try {
    const text = await readFile(file, 'utf8')
    if (text.length <= MAX_FILE_CHARS) return text
  } catch (error) {
    throw new StartError(`${file} cannot be read (${systemCode(error)}).`)
  }
  throw new StartError(`${file} is too large for a secret.`)
}

/**
 * Writes the secrets of a backup to a folder, and keeps existing ones. Throws StartError before
 * anything is written if the folder belongs to another Sotto, with whose secrets no password would
 * work, and if neither the folder nor the backup has any.
 */
export async function restoreSecrets(
  folder: string,
  files: SecretFiles | undefined,
  kind: 'own' | 'folder',
): Promise<void> {
  const needed = kind === 'own' ? OWN_FILE : OPAQUE_FILE
  const there = await readIfThere(join(folder, needed))
  const inBackup = files?.[needed]
  if (there === undefined && inBackup === undefined) {
    throw new StartError(
      `Neither the backup nor ${folder} contains ${needed}: put it there first. Without it, no one could log in.`,
    )
  }
  if (there !== undefined && inBackup !== undefined) {
    if (opaqueIn(needed, there) !== opaqueIn(needed, inBackup)) {
      throw new StartError(
        `${folder} contains the secrets of another Sotto, with which no password would work. Restore to another folder.`,
      )
    }
  }
  if (files === undefined || inBackup === undefined) return
  await mkdir(folder, { recursive: true, mode: 0o700 })
  // A folder for containers is not accessible to others, but its files are readable, because the
  // containers run as different users.
  const mode = kind === 'own' ? 0o600 : 0o444
  for (const [name, text] of Object.entries(kind === 'own' ? { [OWN_FILE]: inBackup } : files)) {
    const target = join(folder, name)
    if ((await readIfThere(target)) !== undefined) continue
    await writeFile(target, text, { flag: 'wx', mode })
    await chmod(target, name.endsWith('.env') ? 0o600 : mode)
  }
}

async function readIfThere(file: string): Promise<string | undefined> {
  const isThere = await stat(file).then(
    () => true,
    () => false,
  )
  return isThere ? readSecret(file) : undefined
}

/** The OPAQUE setup in a file of secrets. */
function opaqueIn(name: string, text: string): string {
  if (name === OPAQUE_FILE) return text.trim()
  try {
    return z.looseObject({ opaqueSetup: z.string() }).parse(JSON.parse(text)).opaqueSetup
  } catch {
    throw new StartError(`${name} is damaged.`)
  }
}
