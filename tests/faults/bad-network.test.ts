import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { ServerProcess } from '../network/server-process.ts'
import { isLong, nothingWrong, runFault, seeds } from './fault-run.ts'
import { p95 } from './figures.ts'
import { latenciesOf } from './latencies.ts'
import { Link } from './link.ts'
import { createOwnNetwork } from './own-network.ts'

const BAD = { lossPercent: 5, kbitPerSecond: 256 } as const
const DELAY_MS = 500
const BAD_FOR_MS = isLong ? 30_000 : 12_000

test.each(seeds)(
  'a network that loses packets, is slow and far away (seed %d)',
  async (seed) => {
    await using network = await createOwnNetwork()
    await using server = await ServerProcess.start(
      { RATE_LIMIT_FACTOR: '100000' },
      { host: network.inside, through: network.through },
    )
    await using link = await Link.to(Number(new URL(server.origin).port), network.inside)
    let latency = 0

    const run = await runFault({
      row: 7,
      fault: '5 % loss, 256 kbit/s, 500 ms delay',
      topology: 'all-in-one',
      place: server,
      seed,
      deviceOrigins: [link.origin],
      strikes: 1,
      conversations: 2,
      perSecond: 4,
      acceptAtLeast: 60,
      async strike({ ledger }) {
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
      },
    })

    await run.keep({ 'sent to accepted, p95': `${(latency / 1000).toFixed(1)} s` })
    expect(run.findings).toMatchObject(nothingWrong)
    expect(latency).toBeGreaterThan(DELAY_MS / 2)
    expect(latency).toBeLessThanOrEqual(3_000)
  },
  180_000,
)
