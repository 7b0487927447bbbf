import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@sotto/local-postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ClusterProcess } from '../../programs/cluster-process.ts'
import { databaseUrlOf } from '../../programs/data-folder.ts'
import { startTestRabbitmq, type TestRabbitmq } from '../../programs/rabbitmq.ts'
import { p95 } from '../checker/figures.ts'
import { Link } from '../disturbances/link.ts'
import { inServices, planted } from '../planted/plant.ts'
import { isLong, nothingWrong, runFault, seeds, within } from '../run/fault-run.ts'
import { forgetUniqueIds } from '../run/postgres-process.ts'

const CUT_FOR_MS = isLong ? 30_000 : 3_000
const BACK_WITHIN_MS = 20_000

let folder: string
let postgres: EmbeddedPostgres
let rabbitmq: TestRabbitmq
let toPostgres: Link
let toRabbitmq: Link
let cluster: ClusterProcess
beforeAll(async () => {
  folder = join(tmpdir(), `sotto-test-${randomBytes(8).toString('hex')}`)
  postgres = await startEmbeddedPostgres({ dataFolder: folder })
  rabbitmq = await startTestRabbitmq()
  toPostgres = await Link.to(postgres.port)
  toRabbitmq = await Link.to(Number(new URL(rabbitmq.url).port))
  cluster = await ClusterProcess.start({
    RATE_LIMIT_FACTOR: '100000',
    POSTGRES_URL: through(toPostgres, postgres.url),
    RABBITMQ_URL: through(toRabbitmq, rabbitmq.url),
  })
})
afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]()
  await Promise.all([toPostgres, toRabbitmq].map((link) => link?.[Symbol.asyncDispose]()))
  await rabbitmq?.[Symbol.asyncDispose]()
  await postgres?.stop()
  await rm(folder, { recursive: true, force: true })
})

const through = ({ port }: Link, url: string) =>
  Object.assign(new URL(url), { port: `${port}` }).href

test.each(seeds)(
  'the links to PostgreSQL and RabbitMQ are cut for a while (seed %d)',
  async (seed) => {
    const run = await runFault({
      row: 5,
      fault: `links to PostgreSQL and RabbitMQ cut for ${CUT_FOR_MS / 1000} s each`,
      topology: 'cluster',
      place: cluster,
      seed,
      strikes: 2,
      async strike({ strike }) {
        const link = strike === 0 ? toPostgres : toRabbitmq
        link.set('cut')
        await sleep(CUT_FOR_MS)
        link.set('clear')
      },
    })

    await run.keep()
    expect(run.findings).toMatchObject(nothingWrong)
    expect(p95(run.recoveryMs)).toBeLessThan(CUT_FOR_MS + within(BACK_WITHIN_MS))
  },
)

test('this row finds services that do not recognize retries', async () => {
  // A separate broker, because the other cluster would take work from a shared one.
  await using own = await startTestRabbitmq()
  await using link = await Link.to(Number(new URL(own.url).port))
  await using flawed = await ClusterProcess.start({
    RATE_LIMIT_FACTOR: '100000',
    RABBITMQ_URL: through(link, own.url),
    ...inServices(planted('forgotten-retries')),
  })
  await forgetUniqueIds(await databaseUrlOf(flawed.dataFolder))

  const { findings } = await runFault({
    row: 5,
    fault: 'planted: retries not recognized',
    topology: 'cluster',
    place: flawed,
    seed: 1,
    strikes: 2,
    async strike() {
      link.set('cut')
      await sleep(2_000)
      link.set('clear')
    },
  })

  expect(findings.twice).toBeGreaterThan(0)
})
