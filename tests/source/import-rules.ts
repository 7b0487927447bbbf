import type { Import } from './scan-imports.ts'

/** Who may import whom: the table in ARCHITECTURE.md. */
interface Rule {
  /** The files that the rule applies to. */
  files: RegExp
  /** Packages that these files must not import. */
  never: RegExp
  /** Exempt files, each named explicitly. */
  except?: RegExp
  because: string
}

const crypto = /^@sotto\/crypto$/
const cryptoOrSdk = /^@sotto\/(crypto|sdk)$/
const notForUse = /^(node-forge|crypto-js)$/
const joseOrMls = /^(jose|ts-mls)$/
const databaseOrBroker = /^(postgres|pg|amqplib|rabbitmq-client)$/
const screen = /^(react|react-dom|@base-ui\/|virtua)/

const rules: readonly Rule[] = [
  {
    files: /^packages\/wire\/src\//,
    never: /^(?!zod$)/,
    because: 'wire contains only schemas',
  },
  {
    files: /^packages\/crypto\/src\//,
    never: /^(@sotto\/(?!wire$)|node:|postgres|fastify|ws$|react)/,
    because: 'crypto uses no network, storage or platform, and of our packages only wire',
  },
  {
    files: /^packages\/sdk\/src\//,
    never: /^@sotto\/(?!wire$|crypto$)/,
    because: 'the sdk uses only wire and crypto',
  },
  {
    files: /^packages\/sdk\/src\//,
    never: /^node:/,
    except: /^packages\/sdk\/src\/storage\/adapters\/sqlite-storage\.ts$/,
    because: 'the sdk runs in browsers',
  },
  {
    files: /^packages\/service-runtime\/src\//,
    never: /^@sotto\/(?!wire$)/,
    because: 'the service runtime does not depend on chat',
  },
  {
    files: /^packages\/local-postgres\/src\//,
    never: /^@sotto\/(?!service-runtime$)/,
    because: 'the embedded PostgreSQL depends on no service and no client',
  },
  {
    files: /^packages\/benchmark\/src\//,
    never: /^(@sotto\/(?!wire$|crypto$)|node:)/,
    because: 'the benchmark runs in browsers and measures crypto',
  },
  {
    files: /^(packages|services|apps|tests|bench|scripts|gateway)\//,
    never: notForUse,
    except: /^packages\/benchmark\/src\/libraries\.ts$/,
    because: 'these libraries are measured and protect nothing',
  },
  {
    files: /^services\//,
    never: cryptoOrSdk,
    because: 'services cannot read messages',
  },
  {
    files: /^services\/[\w-]+\/src\//,
    never: /^@sotto\/(?!wire$|service-runtime$)/,
    because: 'services communicate only through events',
  },
  {
    files: /^(packages|services|apps)\/[\w-]+\/src\//,
    never: joseOrMls,
    except:
      /^(packages\/crypto\/src\/|packages\/service-runtime\/src\/auth\/(access-token|remote-keys)\.ts$|services\/auth\/src\/secrets\/access-tokens\.ts$)/,
    because: 'JOSE and MLS belong to crypto; tokens have their named files',
  },
  {
    files: /^(packages|services|apps)\/[\w-]+\/src\//,
    never: databaseOrBroker,
    except:
      /^(packages\/service-runtime\/src\/|services\/[\w-]+\/src\/(store\/|migrations\/|main\.ts$))/,
    because: 'only stores use SQL',
  },
  {
    files: /^(packages|services|apps\/(?!web\/))/,
    never: screen,
    because: 'React belongs to the web app',
  },
  {
    files: /^apps\/(web|terminal)\/src\//,
    never: /^@sotto\/(?!wire$|sdk$)/,
    // The benchmark page and its worker.
    except: /^apps\/web\/src\/features\/benchmark\//,
    because: 'apps use cryptography through the sdk',
  },
  {
    files: /^apps\/(admin|all-in-one|cluster)\/src\//,
    never: cryptoOrSdk,
    because: 'the server cannot read messages',
  },
  {
    files: /^gateway\//,
    never: /^@sotto\/(?!wire$)/,
    because: 'the gateway contains no logic',
  },
  {
    files: /^packages\/(?!crypto\/|sdk\/|benchmark\/)/,
    never: crypto,
    because: 'cryptography belongs to the devices',
  },
]

/** Relative imports that may leave their workspace. */
const mayLeave: readonly { files: RegExp; to: RegExp }[] = [
  // The all-in-one process is the gateway of its services, and the build needs its headers.
  {
    files: /^apps\/((all-in-one|cluster)\/(src|tests)\/|web\/vite\.config\.ts$)/,
    to: /^gateway\//,
  },
  // An app is not a package and has no index. Tests, measurements and scripts are outside of all
  // workspaces.
  { files: /^(tests|bench|scripts|gateway)\//, to: /^(apps|tests|bench|scripts|gateway|deploy)\// },
  // The container of auth also runs the operator's commands.
  { files: /^deploy\/tests\/service-variables\.ts$/, to: /^apps\/admin\/src\/config\.ts$/ },
  // A benchmark may measure a single function of a service.
  { files: /^bench\//, to: /^services\// },
  // A planted bug replaces one file of the product.
  { files: /^tests\/faults\/planted\//, to: /^(services|packages\/(wire|service-runtime))\// },
  { files: /^tests\/evil-server\/schedules\/planted\//, to: /^packages\/sdk\// },
  // A light device reconnects when the real one would.
  {
    files: /^tests\/faults\/run\/light-device\.ts$/,
    to: /^packages\/sdk\/src\/transport\/reconnect-policy\.ts$/,
  },
  // Shared test setup: the network, people, the database.
  { files: /^(packages|services|apps)\/[\w-]+\/(tests|bench)\//, to: /^tests\// },
]

const workspaceOf = (path: string) => /^(packages|services|apps)\/[\w-]+\//.exec(path)?.[0]

/** Every violation of a rule in `imports`, in readable lines. */
export function findViolations(imports: readonly Import[]): string[] {
  return imports.flatMap((one) => [...brokenRules(one), ...brokenBorders(one)])
}

function brokenRules({ from, specifier, package: name }: Import): string[] {
  if (name === undefined) return []
  return rules
    .filter(({ files, never, except }) => {
      return files.test(from) && never.test(name) && !(except?.test(from) ?? false)
    })
    .map(({ because }) => `${from} imports ${specifier}: ${because}`)
}

function brokenBorders({ from, specifier, package: name, file }: Import): string[] {
  const isDeep = name?.startsWith('@sotto/') && specifier.includes('/src/')
  if (isDeep) return [`${from} imports ${specifier}: internals of another workspace`]
  if (file === undefined) return []
  const home = workspaceOf(from)
  const target = workspaceOf(file)
  const stays = home === target && (home !== undefined || !isSourceOf(file))
  const isAllowed = stays || mayLeave.some(({ files, to }) => files.test(from) && to.test(file))
  return isAllowed ? [] : [`${from} imports ${specifier}: internals of another workspace`]
}

const isSourceOf = (file: string) => workspaceOf(file) !== undefined

/** The dependencies that a workspace's `package.json` declares. */
export interface Manifest {
  name?: string
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
}

/**
 * Imports that only work because npm installs all packages in one folder. `manifests` maps a
 * workspace's folder (`packages/wire/`) to its manifest; the repository's own has the empty name.
 */
export function findUndeclared(
  imports: readonly Import[],
  manifests: ReadonlyMap<string, Manifest>,
): string[] {
  const root = manifests.get('') ?? {}
  const workspaces = new Set([...manifests.values()].map(({ name }) => name))
  return imports
    .filter(({ from, package: name }) => {
      if (name === undefined || name.startsWith('node:')) return false
      const home = workspaceOf(from)
      const manifest = manifests.get(home ?? '') ?? {}
      if (name === manifest.name) return false
      // Tests run from the root with its test tools, where all workspaces are available.
      const isTest = home === undefined || !from.startsWith(`${home}src/`)
      const known = [
        ...(isTest ? [root.devDependencies, manifest.devDependencies] : []),
        ...(isTest && home === undefined
          ? [Object.fromEntries([...workspaces].map((w) => [w, '']))]
          : []),
        manifest.dependencies,
        manifest.optionalDependencies,
      ]
      return !known.some((list) => list !== undefined && name in list)
    })
    .map(({ from, specifier }) => `${from} imports ${specifier}, which its package.json lacks`)
}
