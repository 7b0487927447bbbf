import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { p95 } from '../checker/figures.ts'
import { latenciesOf } from '../checker/latencies.ts'
import { Link } from '../disturbances/link.ts'
import { createOwnNetwork } from '../disturbances/own-network.ts'
import { isLong, nothingWrong, runFault, seeds } from '../run/fault-run.ts'
import { startTopology, topologies } from '../run/topologies.ts'

const BAD = { lossPercent: 5, kbitPerSecond: 256 } as const
const DELAY_MS = 500
const BAD_FOR_MS = isLong ? 30_000 : 12_000

describe.each(topologies)('%s', (topology) => {
  test.each(seeds)(
    'a network that loses packets and has low bandwidth and high latency (seed %d)',
    async (seed) => {
      await using network = await createOwnNetwork()
      await using sotto = await startTopology(topology, {
        host: network.inside,
        through: network.through,
      })
      await using link = await Link.to(Number(new URL(sotto.origin).port), network.inside)
      let latency = 0

      const run = await runFault({
        row: 7,
        fault: '5 % loss, 256 kbit/s, 500 ms delay',
        topology,
        place: sotto,
        seed,
        deviceOrigins: [link.origin],
        strikes: 1,
        conversations: 2,
        perSecond: 4,
        acceptAtLeast: isLong ? 2_000 : 60,
        async strike({ ledger, load }) {
          link.delayMs = DELAY_MS / 2
          await network.worsen(BAD)
          const from = performance.now()
          await sleep(BAD_FOR_MS)
          const to = performance.now()
          // Those sent last may still be on their way.
          await sleep(3_000)
          latency = p95(latenciesOf(ledger, from, to - 3_000))
          await network.mend()
          link.delayMs = 0
          load.setPace(200)
        },
      })

      await run.keep({ 'sent to accepted, p95': `${(latency / 1000).toFixed(1)} s` })
      expect(run.findings).toMatchObject(nothingWrong)
      expect(latency).toBeGreaterThan(DELAY_MS / 2)
      expect(latency).toBeLessThanOrEqual(3_000)
    },
  )
})
