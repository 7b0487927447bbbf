import { expect, test } from 'vitest'
import { ServerProcess } from '../programs/server-process.ts'
import { strikeFrames } from './disturbances/disturb-frames.ts'
import { planted } from './planted/plant.ts'
import { runFault } from './run/fault-run.ts'
import { forgetUniqueIds } from './run/postgres-process.ts'

const seed = 1

/** Bugs are planted to check that the rows would find them. No other test has these bugs. */
test('row 1 finds a server that sends `accepted` before it commits', async () => {
  const environment = { RATE_LIMIT_FACTOR: '100000', ...planted('early-acceptance') }
  await using server = await ServerProcess.start(environment)

  const { findings } = await runFault({
    row: 1,
    fault: 'planted: accepted before the commit',
    topology: 'all-in-one',
    place: server,
    seed,
    strikes: 2,
    perSecond: 200,
    async strike() {
      await server.kill()
      await server.start()
    },
  })

  expect(findings.lost).toBeGreaterThan(0)
  expect(findings.unlogged).toBeGreaterThan(0)
})

test('row 11 finds a server that does not recognize retries', async () => {
  const environment = { RATE_LIMIT_FACTOR: '100000', ...planted('forgotten-retries') }
  await using server = await ServerProcess.start(environment)
  await forgetUniqueIds(await server.databaseUrl())
  await using faults = await strikeFrames(server.origin)

  const { findings } = await runFault({
    row: 11,
    fault: 'planted: retries not recognized',
    topology: 'all-in-one',
    place: server,
    seed,
    perSecond: 200,
    ...faults,
  })

  expect(findings.twice).toBeGreaterThan(0)
})
