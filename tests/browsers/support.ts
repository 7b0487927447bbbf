import { createRequire } from 'node:module'
import type {
  CompatData,
  CompatStatement,
  Identifier,
  SimpleSupportStatement,
} from '@mdn/browser-compat-data'
import { oldestBrowsers } from '../../apps/web/browsers.ts'

const data: CompatData = createRequire(import.meta.url)('@mdn/browser-compat-data')

const { chrome, edge, firefox, safari } = oldestBrowsers

/** The same versions on desktops and phones, with the names that the data set uses. */
const oldest = {
  chrome,
  chrome_android: chrome,
  edge,
  firefox,
  firefox_android: firefox,
  safari,
  safari_ios: safari,
} as const

type Browser = keyof typeof oldest

/** The oldest supported browsers that lack a feature. */
function lackedBy({ support }: CompatStatement): string[] {
  return (Object.keys(oldest) as Browser[]).filter((browser) => {
    const statements = [support[browser] ?? []].flat() as SimpleSupportStatement[]
    return !statements.some((statement) => isThere(statement, oldest[browser]))
  })
}

function isThere(statement: SimpleSupportStatement, version: string): boolean {
  const {
    version_added: added,
    version_removed: removed,
    prefix,
    alternative_name,
    flags,
  } = statement
  if (prefix || alternative_name || flags || typeof added !== 'string') return false
  const isGone = typeof removed === 'string' && isAtMost(removed.replace('≤', ''), version)
  return isAtMost(added.replace('≤', ''), version) && !isGone
}

/** False for `preview`. */
function isAtMost(one: string, other: string): boolean {
  const [major = Number.NaN, minor = 0] = one.split('.').map(Number)
  const [otherMajor = 0, otherMinor = 0] = other.split('.').map(Number)
  return major < otherMajor || (major === otherMajor && minor <= otherMinor)
}

/** A platform feature: its name in the data set, and the browsers that lack it. */
export interface Feature {
  readonly name: string
  readonly lackedBy: readonly string[]
}

const builtins = data.javascript.builtins as Record<string, Identifier>
const interfaces = data.api as Record<string, Identifier>

/** Objects that every script can access, and their interfaces. */
const instances: Record<string, string> = {
  crypto: 'Crypto',
  document: 'Document',
  globalThis: 'Window',
  history: 'History',
  indexedDB: 'IDBFactory',
  localStorage: 'Storage',
  location: 'Location',
  navigator: 'Navigator',
  performance: 'Performance',
  self: 'Window',
  window: 'Window',
}

/** The meaning of a name that the file does not declare. */
export function globalFeature(name: string): Feature | undefined {
  const found = builtins[name] ?? interfaces[name] ?? interfaces.Window?.[name]
  return featureOf(name, found)
}

/** The meaning of `object.member` if the file does not declare `object`. */
export function staticFeature(object: string, member: string): Feature | undefined {
  const owner = instances[object]
  const found = owner
    ? (interfaces[owner]?.[member] ?? interfaces[member])
    : (builtins[object]?.[member] ??
      interfaces[object]?.[`${member}_static`] ??
      interfaces[object]?.[member])
  return featureOf(`${object}.${member}`, found)
}

const memberNames = collectMembers()

/** A method name that only belongs to features that some of the browsers lack. */
export function methodFeature(member: string): Feature | undefined {
  const features = memberNames.get(member) ?? []
  const lacking = features.filter((feature) => feature.lackedBy.length > 0)
  return features.length > 0 && lacking.length === features.length ? lacking[0] : undefined
}

function featureOf(name: string, found: Identifier | undefined): Feature | undefined {
  return found?.__compat && { name, lackedBy: lackedBy(found.__compat) }
}

/** All members of all interfaces and builtins, by name. */
function collectMembers(): Map<string, Feature[]> {
  const members = new Map<string, Feature[]>()
  const owners = [...Object.entries(builtins), ...Object.entries(interfaces)]
  for (const [owner, identifier] of owners) {
    for (const [key, value] of Object.entries(identifier)) {
      const member = key.replace(/_(?:static|event)$/, '')
      const feature =
        key === '__compat' ? undefined : featureOf(`${owner}.${member}`, value as Identifier)
      if (feature) members.set(member, [...(members.get(member) ?? []), feature])
    }
  }
  return members
}

const properties = data.css.properties as Record<string, Identifier>

/** A property of a style sheet. */
export const propertyFeature = (name: string): Feature | undefined =>
  featureOf(`property ${name}`, properties[name])

/** `:has`, `::backdrop` */
export function selectorFeature(name: string): Feature | undefined {
  const selectors = data.css.selectors as Record<string, Identifier>
  return featureOf(`selector ${name}`, selectors[name.replace(/^:+/, '')])
}

/** `@container` */
export function atRuleFeature(name: string): Feature | undefined {
  const rules = data.css['at-rules'] as Record<string, Identifier>
  return featureOf(name, rules[name.replace(/^@/, '')])
}

/** `color-mix()` */
export function functionFeature(name: string): Feature | undefined {
  const types = data.css.types as Record<string, Identifier>
  const nested = Object.values(types).map((type) => type[name] as Identifier | undefined)
  return featureOf(`${name}()`, types[name] ?? nested.find((type) => type?.__compat))
}
