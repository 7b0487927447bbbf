import { open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { ConfigError } from './config.ts'
import { secretInHeader } from './header-secret.ts'
import { webAddress } from './variable-kinds.ts'

const FILE = 'admin.json'

/** How the operator's commands reach a Sotto that runs on this machine. */
const OperatorFile = z.strictObject({
  v: z.literal(1),
  token: secretInHeader,
  /** Internal listeners; the first that answers is asked. */
  auth: z.array(webAddress).min(1).max(8),
  chat: z.array(webAddress).min(1).max(8),
  /** The address that people open. */
  publicUrl: webAddress,
})
export type OperatorFile = z.infer<typeof OperatorFile>

/** Says in a data folder how the Sotto that runs there is reached: to the user it runs as, and to nobody else. */
export async function writeOperatorFile(
  folder: string,
  content: Omit<OperatorFile, 'v'>,
): Promise<void> {
  const file = join(folder, FILE)
  // A file that is there has the rights of whoever made it.
  await rm(`${file}.new`, { force: true })
  const handle = await open(`${file}.new`, 'wx', 0o600)
  await handle.writeFile(`${JSON.stringify({ v: 1, ...content })}\n`)
  await handle.close()
  await rename(`${file}.new`, file)
}

/** Undefined when no Sotto runs on the folder. Throws `ConfigError` for a file that cannot be read. */
export async function readOperatorFile(folder: string): Promise<OperatorFile | undefined> {
  const file = join(folder, FILE)
  try {
    return OperatorFile.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : 'damaged'
    if (code === 'ENOENT') return undefined
    throw new ConfigError(`${file} cannot be read (${code}). The user who started Sotto can.`)
  }
}

/** The Sotto on the folder ends. */
export async function removeOperatorFile(folder: string): Promise<void> {
  await rm(join(folder, FILE), { force: true })
}
