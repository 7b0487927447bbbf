import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const dist = fileURLToPath(new URL('../../../apps/web/dist', import.meta.url))

/**
 * The size of the scripts that the built `index.html` loads immediately, plus the first page's words in the largest
 * language, in KiB after gzip.
 */
export async function firstScreenKib(): Promise<number> {
  const html = await readFile(join(dist, 'index.html'), 'utf8')
  const scripts = html.matchAll(/(?:src|href)="(\/assets\/[\w-]+\.js)"/g)
  const paths = new Set([...scripts].map(([, path]) => path ?? ''))
  const sizes = await Promise.all([...paths].map(sizeOf))
  const words = (await readdir(join(dist, 'assets'))).filter((name) => /-start-.*\.js$/.test(name))
  const wordSizes = await Promise.all(words.map((name) => sizeOf(join('assets', name))))
  return (sizes.reduce((sum, size) => sum + size, 0) + Math.max(...wordSizes)) / 1024
}

async function sizeOf(path: string): Promise<number> {
  const file = join(dist, path)
  return (await stat(`${file}.gz`).catch(() => stat(file))).size
}
