import { copyFile, readdir, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from '@sotto/service-runtime'

const maxBytes = 20 * 1024 * 1024
const everyMs = 60_000

/**
 * Rotates every long log in `folder`, replacing the previously rotated one. The writers append, so
 * they continue in the new file. Returns a function that stops it.
 */
export function rotateLogs(folder: string, log: Logger): () => void {
  const timer = setInterval(() => {
    rotate(folder).catch((error) => log.warn({ err: error }, 'could not rotate the logs'))
  }, everyMs)
  return () => clearInterval(timer)
}

async function rotate(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.log'))
  for (const name of names) {
    const file = join(folder, name)
    if ((await stat(file)).size <= maxBytes) continue
    await copyFile(file, `${file}.old`)
    await truncate(file)
  }
}
