import { afterAll, beforeAll, expect, test } from 'vitest'
import { ServerProcess } from '../../programs/server-process.ts'
import { p95 } from '../checker/figures.ts'
import { nothingWrong, runFault, seeds, within } from '../run/fault-run.ts'

let server: ServerProcess
beforeAll(async () => {
  server = await ServerProcess.start({ RATE_LIMIT_FACTOR: '100000' })
})
afterAll(() => server[Symbol.asyncDispose]())

test.each(seeds)('all-in-one: the process is killed under load (seed %d)', async (seed) => {
  const run = await runFault({
    row: 1,
    fault: 'kill -9 of the process',
    topology: 'all-in-one',
    place: server,
    seed,
    async strike() {
      await server.kill()
      await server.start()
    },
  })

  await run.keep()
  expect(run.findings).toMatchObject(nothingWrong)
  expect(p95(run.recoveryMs)).toBeLessThan(within(2_000))
})
