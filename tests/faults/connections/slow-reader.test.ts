import { setTimeout as sleep } from 'node:timers/promises'
import { CloseCode } from '@sotto/wire'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../../network/eventually.ts'
import { Link } from '../disturbances/link.ts'
import { nothingWrong, runFault, seeds } from '../run/fault-run.ts'
import { heldByAll, inspectable } from '../run/memory-of.ts'
import { type Sotto, startTopology, topologies } from '../run/topologies.ts'

/** Every second device reads slowly: one of the two in each conversation. */
const CONVERSATIONS = 6
const BYTES_PER_SECOND = 1_000
/** The most that a connection may buffer, plus the memory of the page being written. */
const MOST_MIB = 2
const CALM_LOOKS = 12

describe.each(topologies)('%s', (topology) => {
  let sotto: Sotto
  beforeAll(async () => {
    sotto = await startTopology(topology, { services: inspectable })
  })
  afterAll(() => sotto?.[Symbol.asyncDispose]())

  test.each(seeds)('devices that read 1 kB/s while much more arrives (seed %d)', async (seed) => {
    await using slowLink = await Link.to(Number(new URL(sotto.origin).port), 'localhost')
    let calmMib = 0
    let mostMib = 0
    const run = await runFault({
      row: 8,
      fault: 'devices that read 1 kB/s',
      topology,
      place: sotto,
      seed,
      strikes: 1,
      conversations: CONVERSATIONS,
      // In characters, as much as 1,000 short messages a second for each slow device.
      perSecond: 160,
      messageChars: 16_000,
      deviceOrigins: [sotto.origin, slowLink.origin],
      async strike() {
        // Measures the maximum that the load itself needs.
        for (let look = 0; look < CALM_LOOKS; look++) {
          calmMib = Math.max(calmMib, await heldByAll(sotto))
          await sleep(200)
        }
        const before = await sotto.connections()
        slowLink.bytesPerSecond = BYTES_PER_SECOND
        const areGone = async () => {
          mostMib = Math.max(mostMib, await heldByAll(sotto))
          return (await sotto.connections()) <= before - CONVERSATIONS
        }
        await eventually('the server to let go of them', areGone)
        slowLink.hurry()
      },
    })

    const slow = run.load.devices.filter((_, n) => n % 2 === 1)
    const codes = slow.flatMap(({ closeCodes }) => closeCodes)
    const each = (mostMib - calmMib) / CONVERSATIONS
    await run.keep({ 'server memory': `${each.toFixed(1)} MiB for each of ${CONVERSATIONS}` })
    expect(run.findings).toMatchObject(nothingWrong)
    expect(each).toBeLessThanOrEqual(MOST_MIB)
    expect(slow.every(({ closeCodes }) => closeCodes.length > 0)).toBe(true)
    // 1006: the data before the close reason did not fit into the network any more.
    expect(codes.every((code) => code === CloseCode.tooSlow || code === 1006)).toBe(true)
  })
})
