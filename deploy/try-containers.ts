// Runs deploy/compose.yaml in a real Docker engine, with the commands of docs/operating.md: npm run
// test:containers. Two people with real clients exchange messages through the gateway while
// everything crashes, is backed up, restored elsewhere and taken down; after each step, they read
// everything that they have written. Needs root and a Docker engine, and takes some minutes.
// Everything that it creates in the engine has distinct names and is removed at the end.
import assert from 'node:assert/strict'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { z } from 'zod'
import { freePort } from '../tests/programs/free-port.ts'
import { findBaseImages } from './containers/base-images.ts'
import { crashEach, killAll, stopDatabase } from './containers/break-parts.ts'
import { CodesInLog } from './containers/codes-in-log.ts'
import { printComplaints, untilHealthy } from './containers/containers.ts'
import { findCompose, requireEngine } from './containers/find-compose.ts'
import { Installation } from './containers/installation.ts'
import { restoreElsewhere, takeBackup, takeDownAndUp } from './containers/move-elsewhere.ts'
import { removeEverything, requireFreeNetwork } from './containers/remove-everything.ts'
import { endCommands, run } from './containers/run-command.ts'
import {
  check,
  checkEverythingIsThere,
  compose,
  type Trial,
  TrialEnded,
} from './containers/trial.ts'
import { TwoPeople } from './containers/two-people.ts'
import { countCheck, endChecks } from './count-checks.ts'

/** Used by both machines, one after the other: deploy/compose.yaml defines it. */
const SUBNET = '10.203.77.0/24'
const MOST_MEGABYTES = 230

const project = `sotto-trial-${process.pid}`
const elsewhere = `${project}-elsewhere`
const folder = await mkdtemp(join(tmpdir(), 'sotto-trial-'))
let people: TwoPeople | undefined

/** deploy/.env of both machines: the second one replaces the first. */
async function chooseSettings() {
  const { variables, standIns } = await findBaseImages(project)
  for (const line of standIns) console.log(line)
  const port = await freePort()
  return {
    PUBLIC_URL: `https://localhost:${port}`,
    SIGN_UP: 'open',
    SOTTO_NODE_ENV: 'development',
    SOTTO_HTTP_PORT: `${await freePort()}`,
    SOTTO_HTTPS_PORT: `${port}`,
    SERVICE_IMAGE: `${project}/service`,
    GATEWAY_IMAGE: `${project}/gateway`,
    ...variables,
  }
}

async function startFirst(settings: Readonly<Record<string, string>>): Promise<Installation> {
  const installation = await Installation.clone(join(folder, 'first'), project)
  await installation.type('npm run deploy:secrets')
  await installation.writeSettings(settings)
  await installation.type(`${compose} up -d --build --wait`)
  for (const [name, { RestartCount }] of await untilHealthy(project)) {
    assert.equal(RestartCount, 0, name)
  }
  // It is for trials, and browsers would warn about it.
  const certificate = await installation.read('deploy/secrets/tls_certificate')
  setDefaultCACertificates([...getCACertificates('default'), certificate])
  return installation
}

async function printSizes(): Promise<void> {
  for (const name of ['service', 'gateway']) {
    const image = `${project}/${name}`
    const bytes = await run(['docker', 'image', 'inspect', '--format', '{{.Size}}', image])
    const most = name === 'service' ? `; at most ${MOST_MEGABYTES} allowed` : ''
    console.log(`The image ${name}: ${Math.round(Number(bytes) / 1e6)} MB${most}`)
  }
}

async function meet(origin: string, codes: CodesInLog): Promise<TwoPeople> {
  let phones = 0
  const met = await TwoPeople.meet({
    origin,
    newPhone: () => `+4915124${String(++phones).padStart(6, '0')}`,
    codeFor: (address) => codes.next(address),
  })
  await met.write('hello', 25)
  return met
}

const Accounts = z.object({ accounts: z.array(z.object({ accountId: z.string() })) })

async function askAsOperator({ installation, people }: Trial): Promise<void> {
  const printed = await installation.type(
    `${compose} exec auth node apps/admin/src/main.ts accounts`,
    { 'exec auth': 'exec -e ADMIN_NAME=ada auth', accounts: 'accounts --json' },
  )
  const { accounts } = Accounts.parse(JSON.parse(printed))
  assert.deepEqual(accounts.map(({ accountId }) => accountId).sort(), people.accountIds.sort())
  await installation.compose('cp', 'auth:/app/log/admin.log', 'admin.log')
  const log = (await installation.read('admin.log')).trim().split('\n')
  assert.equal(log.length, 2)
  for (const line of log) assert.match(line, /"ada"/)
}

async function runTrial(): Promise<void> {
  await requireEngine()
  await requireFreeNetwork(SUBNET)
  console.log(`Compose ${await findCompose()}`)
  const settings = await chooseSettings()
  const origin = settings.PUBLIC_URL
  const first = await check('the images are built, and all containers become healthy', () =>
    startFirst(settings),
  )
  await printSizes()
  const codes = new CodesInLog(first)
  people = await check(
    'two people sign up and exchange messages, by phone and email, in both protocols',
    () => meet(origin, codes),
  )
  const trial = { origin, installation: first, people }
  await checkEverythingIsThere(trial)
  await check('the operator’s commands answer', () => askAsOperator(trial))
  await check('without its database, docker ps and /health report it, and nothing restarts', () =>
    stopDatabase(trial),
  )
  await crashEach(trial)
  await checkEverythingIsThere(trial)
  await check('containers ended by docker kill stay down until one command starts them', () =>
    killAll(trial),
  )
  await checkEverythingIsThere(trial)
  const backup = await check('a backup is taken during a conversation, and the drill passes', () =>
    takeBackup(trial, join(folder, 'kept')),
  )
  const installation = await check('the backup is restored on another machine', () =>
    restoreElsewhere(trial, backup, { project: elsewhere, settings }),
  )
  codes.installation = installation
  const moved = { origin, installation, people }
  await checkEverythingIsThere(moved)
  await check('everything is taken down and started again', () => takeDownAndUp(moved))
  await checkEverythingIsThere(moved)
}

/** Rejects on an interrupt. */
const interrupted = new Promise<never>((_, reject) => {
  const end = () => reject(new Error('interrupted'))
  for (const signal of ['SIGINT', 'SIGTERM', 'disconnect'] as const) process.once(signal, end)
})

try {
  await Promise.race([runTrial(), interrupted])
} catch (error) {
  if (!(error instanceof TrialEnded)) countCheck('the trial', [`${error}`])
  for (const name of [project, elsewhere]) await printComplaints(name).catch(() => undefined)
} finally {
  endCommands()
  await people?.leave().catch(() => undefined)
  console.log('Removing everything that was created …')
  await removeEverything({ folder, projects: [project, elsewhere], imagePrefix: project })
}
endChecks()
process.exit()
