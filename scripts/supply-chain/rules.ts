import satisfies from 'spdx-satisfies'
import { type ForeignPackage, foreignPackages, type LockEntry, type LockFile } from './lock-file.ts'
import {
  allowedLicences,
  cryptographicPackages,
  installScripts,
  type LicenceException,
  licenceExceptions,
  looseAskers,
} from './policy.ts'

const REGISTRY = 'https://registry.npmjs.org/'
const SHA_512 = /^sha512-[A-Za-z0-9+/]{86}==$/
const EXACT_VERSION = /^\d+\.\d+\.\d+(-[\w.-]+)?(\+[\w.-]+)?$/

/** Packages whose bytes the lock file does not fix, or that do not come from the registry. */
export function findUnlocked(lock: LockFile): string[] {
  const packages = foreignPackages(lock).flatMap(({ folder, entry }) => [
    ...(SHA_512.test(entry.integrity ?? '') ? [] : [`${folder} has no SHA-512 hash`]),
    ...(entry.resolved?.startsWith(REGISTRY) ? [] : [`${folder} does not say ${REGISTRY}`]),
  ])
  const strayLinks = [...lock]
    .filter(([, entry]) => entry.link && !isWorkspace(lock.get(entry.resolved ?? '')))
    .map(([folder]) => `${folder} leads out of this repository`)
  return [...packages, ...strayLinks]
}

const isWorkspace = (entry: LockEntry | undefined) => entry?.name?.startsWith('@sotto/') ?? false

/** Packages whose licence is neither allowed nor excepted, and exceptions that nothing needs. */
export function findUnlicensed(lock: LockFile): string[] {
  const packages = foreignPackages(lock).filter((one) => !isAllowed(one.licence))
  const refused = packages.filter((one) => !licenceExceptions.some(excepts(one)))
  const unused = licenceExceptions.filter((one) => !packages.some((other) => excepts(other)(one)))
  return [
    ...refused.map(({ folder, licence }) => `${folder} has the licence “${licence}”`),
    ...unused.map(({ name }) => `the exception for ${name} is not needed`),
  ]
}

/** Whether a licence, or one of a choice of licences, is on the list. */
function isAllowed(licence: string): boolean {
  try {
    return satisfies(licence, [...allowedLicences])
  } catch {
    // Not an expression of SPDX.
    return false
  }
}

function excepts({ name, licence, isDevelopment }: ForeignPackage) {
  return (exception: LicenceException): boolean =>
    (exception.name.endsWith('*')
      ? name.startsWith(exception.name.slice(0, -1))
      : name === exception.name) &&
    exception.licence === licence &&
    (isDevelopment || !exception.onlyDevelopment)
}

/** Packages that run a program when they are installed and are not listed, and listed ones that do not. */
export function findInstallScripts(lock: LockFile): string[] {
  const running = foreignPackages(lock).filter(({ entry }) => entry.hasInstallScript)
  const names = new Set(running.map(({ name }) => name))
  return [
    ...running
      .filter(({ name }) => !Object.hasOwn(installScripts, name))
      .map(({ folder }) => `${folder} runs a program when it is installed`),
    ...Object.keys(installScripts)
      .filter((name) => !names.has(name))
      .map((name) => `${name} runs nothing when it is installed`),
  ]
}

/** Whatever we ask for without an exact version. */
export function findInexact(lock: LockFile): string[] {
  return [...lock]
    .filter(([folder]) => !folder.includes('node_modules/'))
    .flatMap(([folder, entry]) =>
      Object.entries(allAskedFor(entry))
        .filter(([, version]) => !EXACT_VERSION.test(version))
        .map(([name, version]) => `${folder || 'the repository'} asks for ${name} ${version}`),
    )
}

/** Cryptographic packages that lie there twice, or that somebody asks for without an exact version. */
export function findLooseCryptography(lock: LockFile): string[] {
  const packages = foreignPackages(lock)
  return cryptographicPackages.flatMap((wanted) => {
    const copies = packages.filter(({ name }) => name === wanted)
    const loose = [...lock].filter(([folder, entry]) => {
      if (folder.replace(/^.*node_modules\//, '') in looseAskers) return false
      const version = allAskedFor(entry)[wanted]
      return version !== undefined && !EXACT_VERSION.test(version)
    })
    return [
      ...(copies.length === 1 ? [] : [`there are ${copies.length} copies of ${wanted}`]),
      ...loose.map(([folder]) => `${folder} asks for no exact version of ${wanted}`),
    ]
  })
}

/** What a package asks for, but for what it does without. */
function allAskedFor(entry: LockEntry): Record<string, string> {
  const { dependencies, devDependencies, optionalDependencies } = entry
  return { ...dependencies, ...devDependencies, ...optionalDependencies }
}
