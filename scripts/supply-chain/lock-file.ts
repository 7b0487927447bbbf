import { readFileSync } from 'node:fs'

/** An entry of package-lock.json, with the fields that are checked here. */
export interface LockEntry {
  readonly name?: string
  readonly version?: string
  readonly resolved?: string
  readonly integrity?: string
  readonly license?: string
  /** Set if only our tools and tests need it. */
  readonly dev?: boolean
  readonly optional?: boolean
  /** Set for a workspace, whose folder is in `resolved`. */
  readonly link?: boolean
  readonly hasInstallScript?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
}

/** Entries by folder; that of the repository itself is empty. */
export type LockFile = ReadonlyMap<string, LockEntry>

/** A third-party package, as installed in one folder. */
export interface ForeignPackage {
  readonly folder: string
  readonly name: string
  readonly version: string
  readonly license: string
  readonly isDevelopment: boolean
  readonly entry: LockEntry
}

const lockFileUrl = new URL('../../package-lock.json', import.meta.url)

/** Throws for any version except 3, which contains all fields that are checked here. */
export function readLockFile(): LockFile {
  const { lockfileVersion, packages } = JSON.parse(readFileSync(lockFileUrl, 'utf8'))
  if (lockfileVersion !== 3) throw new Error('package-lock.json must have version 3')
  return new Map(Object.entries(packages))
}

/** All third-party packages, by name and version. */
export function foreignPackages(lock: LockFile): ForeignPackage[] {
  return [...lock]
    .filter(([folder, entry]) => isInstalled(folder) && !entry.link)
    .map(([folder, entry]) => ({
      folder,
      name: entry.name ?? nameOf(folder),
      version: entry.version ?? '',
      license: entry.license ?? '',
      isDevelopment: entry.dev ?? false,
      entry,
    }))
    .toSorted((one, other) => order(one.name, other.name) || order(one.version, other.version))
}

/** The folders of a package's dependencies, without optional peer dependencies. */
export function dependencyFolders(lock: LockFile, folder: string): string[] {
  const entry = lock.get(folder) ?? {}
  const { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta } = entry
  const peers = Object.keys(peerDependencies ?? {}).filter(
    (name) => !peerDependenciesMeta?.[name]?.optional,
  )
  const names = [
    ...Object.keys(dependencies ?? {}),
    ...Object.keys(optionalDependencies ?? {}),
    ...peers,
  ]
  return names.flatMap((name) => findInstalled(lock, folder, name) ?? [])
}

/**
 * The folders of all direct and transitive dependencies of the package in `folder`, including
 * itself.
 */
export function reachableFolders(lock: LockFile, folder: string): Set<string> {
  const reached = new Set([folder])
  for (const one of reached) for (const next of dependencyFolders(lock, one)) reached.add(next)
  return reached
}

/** The folder in which Node finds `name` if a file in `from` imports it. */
function findInstalled(lock: LockFile, from: string, name: string): string | undefined {
  for (let at: string | undefined = from; at !== undefined; at = parentOf(at)) {
    const folder = at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`
    const entry = lock.get(folder)
    if (entry) return entry.link ? entry.resolved : folder
  }
  return undefined
}

function parentOf(folder: string): string | undefined {
  if (folder === '') return undefined
  const end = folder.lastIndexOf('/node_modules/')
  return end < 0 ? '' : folder.slice(0, end)
}

const isInstalled = (folder: string) => /(^|\/)node_modules\//.test(folder)
const nameOf = (folder: string) => folder.slice(folder.lastIndexOf('node_modules/') + 13)
// Not locale-dependent, so that the order is the same on every machine.
const order = (one: string, other: string) => (one < other ? -1 : Number(one > other))
