import { createHash } from 'node:crypto'
import { cp, mkdir, readFile, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** The user that NGINX's workers run as if root starts it; otherwise undefined. */
export async function workerUser(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const lines = (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n')
  const isKnown = (name: string) => lines.some((line) => line.startsWith(`${name}:`))
  return ['www-data', 'nginx', 'nobody'].find(isKnown)
}

/**
 * A folder of the web app that the workers can read: the build output or, if only root may enter it
 * (a clone in root's home), this installation's copy under /var/lib/sotto.
 */
export async function readableWebApp(built: string, dataFolder: string): Promise<string> {
  if (process.getuid?.() !== 0 || (await isOpenToAll(built))) return built
  const name = createHash('sha256').update(dataFolder).digest('hex').slice(0, 16)
  const copy = join('/var/lib/sotto', `web-app-${name}`)
  await rm(copy, { recursive: true, force: true })
  await mkdir(dirname(copy), { recursive: true, mode: 0o755 })
  await cp(built, copy, { recursive: true })
  return copy
}

async function isOpenToAll(folder: string): Promise<boolean> {
  const { mode } = await stat(folder)
  if ((mode & 0o001) === 0) return false
  return folder === dirname(folder) || isOpenToAll(dirname(folder))
}
