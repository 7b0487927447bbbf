import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ClusterProcess, PartName } from '../../programs/cluster-process.ts'
import { p95 } from '../checker/figures.ts'
import {
  isLong,
  nothingWrong,
  runFault,
  type StrikeContext,
  seeds,
  within,
} from '../run/fault-run.ts'
import { watchDatabase } from '../run/postgres-process.ts'
import { startCluster } from '../run/topologies.ts'

/** Rows in which one part of the cluster fails, or all in turn. */
let cluster: ClusterProcess
beforeAll(async () => {
  cluster = await startCluster()
})
afterAll(() => cluster[Symbol.asyncDispose]())

/** `npm test` runs one instance of each service. */
const parts = isLong
  ? (['chat-1', 'websocket-1', 'auth', 'chat-2', 'websocket-2'] as const)
  : (['chat-1', 'websocket-1', 'auth'] as const)
const down = isLong ? 5_000 : 2_000

function strikeCluster(
  row: number,
  fault: string,
  seed: number,
  strikes: number,
  strike: (context: StrikeContext) => Promise<void>,
) {
  const topology = 'cluster'
  return runFault({ row, fault, topology, place: cluster, seed, strikes, strike, settle })
}

/** Only one part at a time: two failures at once would be another fault. */
async function settle(): Promise<void> {
  for (const part of [...cluster.instances, 'postgres', 'rabbitmq', 'nginx'] as const) {
    await cluster.untilReady(part)
  }
}

test.each(seeds)('each service and a worker of NGINX is killed in turn (seed %d)', async (seed) => {
  const strikes = parts.length + 1
  const run = await strikeCluster(1, 'kill -9 of each part', seed, strikes, async ({ strike }) => {
    const part = parts[strike]
    if (part === undefined) process.kill(await workerOfNginx(), 'SIGKILL')
    else await cluster.kill(part)
  })

  await run.keep()
  expect(run.findings).toMatchObject(nothingWrong)
  expect(p95(run.recoveryMs)).toBeLessThan(within(2_000))
})

test.each(seeds)('PostgreSQL is stopped for a while, then killed (seed %d)', async (seed) => {
  let watch: Awaited<ReturnType<typeof watchDatabase>> | undefined
  const fault = 'PostgreSQL restarted, postmaster killed'
  let downMs = 0
  const run = await strikeCluster(3, fault, seed, 2, async ({ strike, ledger }) => {
    watch ??= await watchDatabase(cluster.dataFolder, ledger)
    if (strike % 2 === 1) return cluster.kill('postgres')
    downMs = await goneFor('postgres')
  })
  const watched = await watch?.stop()

  await run.keep({ 'accepted while down': `${watched?.falselyAccepted}` })
  expect(run.findings).toMatchObject(nothingWrong)
  expect(watched).toMatchObject({ falselyAccepted: 0 })
  expect(watched?.absences).toBeGreaterThan(0)
  expect(p95(run.recoveryMs)).toBeLessThan(downMs + within(10_000))
})

test.each(seeds)('RabbitMQ is killed, then its queues are purged (seed %d)', async (seed) => {
  const fault = 'RabbitMQ killed, queues purged'
  const run = await strikeCluster(4, fault, seed, isLong ? 2 : 1, ({ strike }) => {
    return strike === 0 ? cluster.kill('rabbitmq') : purgeQueues()
  })

  await run.keep()
  expect(run.findings).toMatchObject(nothingWrong)
  expect(p95(run.recoveryMs)).toBeLessThan(within(10_000))
})

test.each(seeds)('RabbitMQ is stopped for a while (seed %d)', async (seed) => {
  let downMs = 0
  const run = await strikeCluster(4, 'RabbitMQ stopped for a while', seed, 1, async () => {
    downMs = await goneFor('rabbitmq')
  })

  await run.keep({ away: `${(downMs / 1000).toFixed(0)} s` })
  expect(run.findings).toMatchObject(nothingWrong)
  expect(p95(run.recoveryMs)).toBeLessThan(downMs + within(10_000))
})

/** Stops a part for a while. Returns how long it was away, in milliseconds. */
async function goneFor(part: PartName): Promise<number> {
  const from = performance.now()
  await cluster.stopPart(part)
  await sleep(down)
  await cluster.startPart(part)
  await cluster.untilReady(part)
  return performance.now() - from
}

async function workerOfNginx(): Promise<number> {
  const { pid } = await cluster.part('nginx')
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')
  const [worker] = children.trim().split(' ').map(Number)
  if (!worker) throw new Error('NGINX has no workers')
  return worker
}

/** Purges all queues, several times, as an operator might by mistake. */
async function purgeQueues(): Promise<void> {
  const purge = 'lists:foreach(fun rabbit_amqqueue:purge/1, rabbit_amqqueue:list(<<"sotto">>)).'
  for (let time = 0; time < 3; time++) await cluster.rabbitmqctl('eval', purge)
}
