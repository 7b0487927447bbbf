import satisfies from 'spdx-satisfies'
import { type ForeignPackage, foreignPackages, type LockEntry, type LockFile } from './lock-file.ts'
import {
  allowedLicenses,
  cryptographicPackages,
  installScripts,
  type LicenseException,
  licenseExceptions,
  looseAskers,
} from './policy.ts'

const REGISTRY = 'https://registry.npmjs.org/'
const SHA_512 = /^sha512-[A-Za-z0-9+/]{86}==$/
const EXACT_VERSION = /^\d+\.\d+\.\d+(-[\w.-]+)?(\+[\w.-]+)?$/

/** Packages whose content the lockfile does not fix, or that do not come from the registry. */
export function findUnlocked(lock: LockFile): string[] {
  const packages = foreignPackages(lock).flatMap(({ folder, entry }) => [
    ...(SHA_512.test(entry.integrity ?? '') ? [] : [`${folder} has no SHA-512 hash`]),
    ...(entry.resolved?.startsWith(REGISTRY) ? [] : [`${folder} does not come from ${REGISTRY}`]),
  ])
  const strayLinks = [...lock]
    .filter(([, entry]) => entry.link && !isWorkspace(lock.get(entry.resolved ?? '')))
    .map(([folder]) => `${folder} is outside of this repository`)
  return [...packages, ...strayLinks]
}

const isWorkspace = (entry: LockEntry | undefined) => entry?.name?.startsWith('@sotto/') ?? false

/** Packages whose license is neither allowed nor excepted, and exceptions that are not needed. */
export function findUnlicensed(lock: LockFile): string[] {
  const packages = foreignPackages(lock).filter((one) => !isAllowed(one.license))
  const refused = packages.filter((one) => !licenseExceptions.some(excepts(one)))
  const unused = licenseExceptions.filter((one) => !packages.some((other) => excepts(other)(one)))
  return [
    ...refused.map(({ folder, license }) => `${folder} has the license “${license}”`),
    ...unused.map(({ name }) => `the exception for ${name} is not needed`),
  ]
}

/** Whether a license, or one of several alternative licenses, is allowed. */
function isAllowed(license: string): boolean {
  try {
    return satisfies(license, [...allowedLicenses])
  } catch {
    // Not a valid SPDX expression.
    return false
  }
}

function excepts({ name, license, isDevelopment }: ForeignPackage) {
  return (exception: LicenseException): boolean =>
    (exception.name.endsWith('*')
      ? name.startsWith(exception.name.slice(0, -1))
      : name === exception.name) &&
    exception.license === license &&
    (isDevelopment || !exception.onlyDevelopment)
}

/** Unlisted packages that run a program during installation, and listed ones that do not. */
export function findInstallScripts(lock: LockFile): string[] {
  const running = foreignPackages(lock).filter(({ entry }) => entry.hasInstallScript)
  const names = new Set(running.map(({ name }) => name))
  return [
    ...running
      .filter(({ name }) => !Object.hasOwn(installScripts, name))
      .map(({ folder }) => `${folder} runs a program during installation`),
    ...Object.keys(installScripts)
      .filter((name) => !names.has(name))
      .map((name) => `${name} runs no program during installation`),
  ]
}

/** Our own dependencies without an exact version. */
export function findInexact(lock: LockFile): string[] {
  return [...lock]
    .filter(([folder]) => !folder.includes('node_modules/'))
    .flatMap(([folder, entry]) =>
      Object.entries(allAskedFor(entry))
        .filter(([, version]) => !EXACT_VERSION.test(version))
        .map(([name, version]) => `${folder || 'the repository'} requires ${name} ${version}`),
    )
}

/** Cryptographic packages with several copies, or required without an exact version. */
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
      ...loose.map(([folder]) => `${folder} does not require an exact version of ${wanted}`),
    ]
  })
}

/** All dependencies of a package, except optional ones. */
function allAskedFor(entry: LockEntry): Record<string, string> {
  const { dependencies, devDependencies, optionalDependencies } = entry
  return { ...dependencies, ...devDependencies, ...optionalDependencies }
}
