import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const dist = fileURLToPath(new URL('../../apps/web/dist', import.meta.url))

/** The scripts that the built `index.html` asks for at once, in KiB as gzip sends them. */
export async function firstScreenKib(): Promise<number> {
  const html = await readFile(join(dist, 'index.html'), 'utf8')
  const scripts = html.matchAll(/(?:src|href)="(\/assets\/[\w-]+\.js)"/g)
  const paths = new Set([...scripts].map(([, path]) => path ?? ''))
  const sizes = [...paths].map(async (path) => {
    const file = join(dist, path)
    return (await stat(`${file}.gz`).catch(() => stat(file))).size
  })
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0) / 1024
}
