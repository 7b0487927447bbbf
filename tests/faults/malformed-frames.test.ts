import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { WEBSOCKET_PATH } from '@sotto/wire'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { p95 } from './checker/figures.ts'
import { latenciesOf } from './checker/latencies.ts'
import type { Attack } from './disturbances/send-malformed.ts'
import { isLong, nothingWrong, runFault, seeds, within } from './run/fault-run.ts'
import { heldByAll, inspectable } from './run/memory-of.ts'
import { type Sotto, startTopology, topologies } from './run/topologies.ts'

const FRAMES = isLong ? 10_000 : 500
const CALM_MS = 3_000
/** Shorter times depend on this machine's scheduler. */
const SMALLEST_MS = 25

describe.each(topologies)('%s', (topology) => {
  let sotto: Sotto
  beforeAll(async () => {
    sotto = await startTopology(topology, { services: inspectable })
  })
  afterAll(() => sotto?.[Symbol.asyncDispose]())

  test.each(seeds)(`${FRAMES} malformed frames (seed %d)`, async (seed) => {
    const processIds = async () => (await sotto.websockets()).map(({ pid }) => pid)
    const before = await processIds()
    let calm = 0
    let disturbed = 0
    let grownMib = 0

    const run = await runFault({
      row: 12,
      fault: `${FRAMES} malformed frames, 1,000 a second`,
      topology,
      place: sotto,
      seed,
      strikes: 1,
      async strike({ load, ledger }) {
        const url = sotto.origin.replace('http', 'ws') + WEBSOCKET_PATH
        const token = load.accounts[0]?.token ?? ''
        const held = await heldByAll(sotto)
        const from = performance.now()
        await sleep(CALM_MS)
        const attackedAt = performance.now()
        await sendMalformed({ url, token, seed, count: FRAMES })
        const over = performance.now()
        await sleep(CALM_MS)
        calm = p95(latenciesOf(ledger, from, attackedAt))
        disturbed = p95(latenciesOf(ledger, attackedAt, over))
        grownMib = (await heldByAll(sotto)) - held
      },
    })

    await run.keep({
      memory: `${grownMib.toFixed(0)} MiB more`,
      "others' p95": `${(disturbed / calm).toFixed(1)} times (${calm.toFixed(0)} ms before, ${disturbed.toFixed(0)} ms meanwhile)`,
    })
    expect(run.findings).toMatchObject(nothingWrong)
    expect(await processIds()).toEqual(before)
    expect(grownMib).toBeLessThanOrEqual(20)
    expect(disturbed).toBeLessThan(within(2 * Math.max(calm, SMALLEST_MS)))
  })
})

/** Resolves when all frames are sent. */
async function sendMalformed(attack: Attack): Promise<void> {
  const attacker = new Worker(new URL('./disturbances/send-malformed.ts', import.meta.url), {
    workerData: attack,
  })
  const [code] = await once(attacker, 'exit')
  if (code !== 0) throw new Error('the attacker failed')
}
