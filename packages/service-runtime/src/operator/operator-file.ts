import { open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { ConfigError } from '../config/config.ts'
import { secretInHeader } from '../config/header-secret.ts'
import { webAddress } from '../config/variable-kinds.ts'

const FILE = 'admin.json'

/** How the operator's commands reach the server that runs on this machine. */
const OperatorFile = z.strictObject({
  v: z.literal(1),
  token: secretInHeader,
  /** Internal listeners. The commands use the first that answers. */
  auth: z.array(webAddress).min(1).max(8),
  chat: z.array(webAddress).min(1).max(8),
  /** The address that users open. */
  publicUrl: webAddress,
})
export type OperatorFile = z.infer<typeof OperatorFile>

/**
 * Writes to a data folder how to reach the server that runs on it. Only the user that it runs as
 * can read the file.
 */
export async function writeOperatorFile(
  folder: string,
  content: Omit<OperatorFile, 'v'>,
): Promise<void> {
  const file = join(folder, FILE)
  // An existing file would keep the permissions of its creator.
  await rm(`${file}.new`, { force: true })
  const handle = await open(`${file}.new`, 'wx', 0o600)
  await handle.writeFile(`${JSON.stringify({ v: 1, ...content })}\n`)
  await handle.close()
  await rename(`${file}.new`, file)
}

/**
 * Undefined if no server runs on the folder. Throws `ConfigError` for a file that cannot be read.
 */
export async function readOperatorFile(folder: string): Promise<OperatorFile | undefined> {
  const file = join(folder, FILE)
  try {
    return OperatorFile.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : 'damaged'
    if (code === 'ENOENT') return undefined
    throw new ConfigError(
      `${file} cannot be read (${code}). Run this command as the user who started Sotto.`,
    )
  }
}

/** Called when the server on the folder stops. */
export async function removeOperatorFile(folder: string): Promise<void> {
  await rm(join(folder, FILE), { force: true })
}
