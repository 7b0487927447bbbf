import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, rename } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { whatever } from './run-command.ts'

/** Caches what takes minutes to create. It may be deleted at any time. */
const folder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'sotto/try-containers')

/**
 * Temporary names for entries that are being created and for their intermediate files, as `….123`
 * and `….123.root`.
 */
const attempt = /\.(\d+)(\.root)?$/

/**
 * A file or folder that `make` creates once per recipe; another recipe creates another one. An
 * interrupted creation starts over.
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

/** Removes unfinished entries of this process and of processes that have ended. */
export async function removeAttempts(): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  for (const name of names) {
    const [, pid = ''] = attempt.exec(name) ?? []
    const isOver = pid === `${process.pid}` || !existsSync(`/proc/${pid}`)
    if (pid !== '' && isOver) await removeTree(join(folder, name))
  }
}

/** Does not touch anything that may still be mounted in it. */
export async function removeTree(path: string): Promise<void> {
  await whatever(['rm', '-rf', '--one-file-system', path])
}
