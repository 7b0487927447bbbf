import { afterAll, beforeAll, expect, test } from 'vitest'
import { ServerProcess } from '../network/server-process.ts'
import { strikeFrames } from './disturb-frames.ts'
import { nothingWrong, runFault, seeds } from './fault-run.ts'

let server: ServerProcess
beforeAll(async () => {
  server = await ServerProcess.start({ RATE_LIMIT_FACTOR: '100000' })
})
afterAll(() => server[Symbol.asyncDispose]())

test.each(seeds)(
  'all-in-one: frames get lost, doubled and out of order (seed %d)',
  async (seed) => {
    await using faults = await strikeFrames(server.origin)

    const run = await runFault({
      row: 11,
      fault: 'frames lost, doubled, reordered; connections cut',
      topology: 'all-in-one',
      place: server,
      seed,
      ...faults,
    })

    await run.keep()
    expect(run.findings).toMatchObject(nothingWrong)
  },
  120_000,
)
