import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, rename } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { whatever } from './run-command.ts'

/** What takes minutes to get stays here for the next time; it may be removed at any time. */
const folder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'sotto/try-containers')

/** Where something is made that is kept when it is whole, or by the way, as `….123` and `….123.root`. */
const attempt = /\.(\d+)(\.root)?$/

/**
 * A file or folder that `make` writes once for everything of which it is made: another recipe makes another one.
 * One that was cut off is begun again.
 */
export async function kept(
  name: string,
  recipe: unknown,
  make: (path: string) => Promise<void>,
): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(recipe)).digest('hex').slice(0, 16)
  const path = join(folder, `${name}-${hash}`)
  if (existsSync(path)) return path
  await mkdir(folder, { recursive: true })
  await make(`${path}.${process.pid}`)
  await rename(`${path}.${process.pid}`, path)
  return path
}

/** Removes what this process, or one that is gone, has begun to make. */
export async function removeAttempts(): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  for (const name of names) {
    const [, pid = ''] = attempt.exec(name) ?? []
    const isOver = pid === `${process.pid}` || !existsSync(`/proc/${pid}`)
    if (pid !== '' && isOver) await removeTree(join(folder, name))
  }
}

/** Nothing of what may still be mounted in it. */
export async function removeTree(path: string): Promise<void> {
  await whatever(['rm', '-rf', '--one-file-system', path])
}
