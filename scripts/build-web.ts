// Builds the web app into apps/web/dist; with --if-changed only if its sources differ from those of
// the last build.
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compressFiles } from './compress-files.ts'
import { renderWebNotices } from './supply-chain/web-notices.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const web = join(root, 'apps', 'web')
const stamp = join(root, 'node_modules', '.cache', 'sotto', 'web-build')

/** All inputs of the build. */
const sources = [
  'apps/web',
  'gateway',
  'packages/benchmark/src',
  'packages/crypto/src',
  'packages/sdk/src',
  'packages/wire/src',
  'scripts/supply-chain',
  'package-lock.json',
]
const notSources = /(^|\/)(dist|node_modules|tests)(\/|$)/

async function hashSources(): Promise<string> {
  const lists = await Promise.all(sources.map(listFiles))
  const hash = createHash('sha256')
  for (const file of lists.flat().sort()) {
    hash.update(`${file}\0`).update(await readFile(join(root, file)))
  }
  return hash.digest('hex')
}

async function listFiles(path: string): Promise<string[]> {
  if (path.endsWith('.json')) return [path]
  const entries = await readdir(join(root, path), { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .filter((file) => !notSources.test(file))
}

const wanted = await hashSources()
const built = await readFile(stamp, 'utf8').catch(() => '')
const isCurrent = built === wanted && existsSync(join(web, 'dist', 'index.html'))

if (!isCurrent || !process.argv.includes('--if-changed')) {
  console.log('Building the web app …')
  const { build } = await import('vite')
  await build({ root: web, logLevel: 'error', build: { emptyOutDir: true } })
  await writeFile(join(web, 'dist', 'licenses.txt'), await renderWebNotices())
  await compressFiles(join(web, 'dist'))
  await mkdir(dirname(stamp), { recursive: true })
  await writeFile(stamp, wanted)
}
