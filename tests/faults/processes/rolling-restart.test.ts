import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ClusterProcess } from '../../programs/cluster-process.ts'
import { nothingWrong, runFault, seeds } from '../run/fault-run.ts'
import { startCluster } from '../run/topologies.ts'

let cluster: ClusterProcess
beforeAll(async () => {
  cluster = await startCluster()
})
afterAll(() => cluster[Symbol.asyncDispose]())

test.each(seeds)('all services are restarted one after the other (seed %d)', async (seed) => {
  const run = await runFault({
    row: 18,
    fault: 'rolling restart',
    topology: 'cluster',
    place: cluster,
    seed,
    strikes: 1,
    strike: () => cluster.rollingRestart(),
  })

  const refused = [...run.ledger.heldBack.values()].reduce((sum, count) => sum + count, 0)
  await run.keep({ 'refused for the moment': `${refused}` })
  expect(run.findings).toMatchObject(nothingWrong)
})
