import { randomBytes } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { strikeFrames } from '../disturbances/disturb-frames.ts'
import { planted } from '../planted/plant.ts'
import { nothingWrong, runFault, seeds } from '../run/fault-run.ts'
import { type Sotto, startTopology, topologies } from '../run/topologies.ts'

describe.each(topologies)('%s', (topology) => {
  /** While this file exists, the broker disturbs events and commands. */
  const switchFile = join(tmpdir(), `sotto-disturbed-${randomBytes(8).toString('hex')}`)
  let sotto: Sotto
  beforeAll(async () => {
    const services = {
      ...planted('disturbed-broker'),
      SOTTO_TEST_DISTURBED: switchFile,
      SOTTO_TEST_SEED: `${seeds[0]}`,
    }
    sotto = await startTopology(topology, { services })
  })
  afterAll(() => sotto?.[Symbol.asyncDispose]())

  test.each(seeds)(
    'frames, events and commands get lost, duplicated and reordered (seed %d)',
    async (seed) => {
      await using faults = await strikeFrames(sotto.origin)

      const run = await runFault({
        row: 11,
        fault: 'frames and events lost, doubled, reordered; connections cut',
        topology,
        place: sotto,
        seed,
        ...faults,
        async strike(context) {
          await writeFile(switchFile, '')
          await faults.strike(context)
          await rm(switchFile)
        },
      })

      await run.keep()
      expect(run.findings).toMatchObject(nothingWrong)
    },
  )
})
