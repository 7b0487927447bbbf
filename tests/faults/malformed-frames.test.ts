import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { WEBSOCKET_PATH } from '@sotto/wire'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { isLong, nothingWrong, runFault, seeds, within } from './fault-run.ts'
import { p95 } from './figures.ts'
import { latenciesOf } from './latencies.ts'
import { malformedFrame } from './malformed-frames.ts'
import { heldByAll, inspectable } from './memory-of.ts'
import { type Sotto, startTopology, topologies } from './topologies.ts'

const FRAMES = isLong ? 10_000 : 2_000
const AT_ONCE = 10
const CALM_MS = 3_000
/** Below it the times are those of this machine's scheduler. */
const SMALLEST_MS = 25

describe.each(topologies)('%s', (topology) => {
  let sotto: Sotto
  beforeAll(async () => {
    sotto = await startTopology(topology, { services: inspectable })
  }, 120_000)
  afterAll(() => sotto?.[Symbol.asyncDispose]())

  test.each(seeds)(
    `${FRAMES} malformed frames (seed %d)`,
    async (seed) => {
      const processIds = async () => (await sotto.websockets()).map(({ pid }) => pid)
      const before = await processIds()
      let calm = 0
      let disturbed = 0
      let grownMib = 0

      const run = await runFault({
        row: 12,
        fault: `${FRAMES} malformed frames`,
        topology,
        place: sotto,
        seed,
        strikes: 1,
        async strike({ random, load, ledger }) {
          const token = load.accounts[0]?.token ?? ''
          const held = await heldByAll(sotto)
          const from = performance.now()
          await sleep(CALM_MS)
          const attackedAt = performance.now()
          await sendMalformed(sotto.origin, { token, random, count: FRAMES })
          const over = performance.now()
          await sleep(CALM_MS)
          calm = p95(latenciesOf(ledger, from, attackedAt))
          disturbed = p95(latenciesOf(ledger, attackedAt, over))
          grownMib = (await heldByAll(sotto)) - held
        },
      })

      await run.keep({
        memory: `${grownMib.toFixed(0)} MiB more`,
        "others' p95": `${calm.toFixed(0)} ms before, ${disturbed.toFixed(0)} ms meanwhile`,
      })
      expect(run.findings).toMatchObject(nothingWrong)
      expect(await processIds()).toEqual(before)
      expect(grownMib).toBeLessThanOrEqual(20)
      expect(disturbed).toBeLessThanOrEqual(within(2 * Math.max(calm, SMALLEST_MS)))
    },
    120_000,
  )
})

interface Attack {
  readonly token: string
  readonly random: () => number
  /** Frames. */
  readonly count: number
}

/** Sends frames on connections that have authenticated, and new ones when the server closes them. */
async function sendMalformed(origin: string, attack: Attack): Promise<void> {
  let left = attack.count
  const attackAgain = async () => {
    while (left > 0) left -= await attackOnce(origin, { ...attack, count: left })
  }
  await Promise.all(Array.from({ length: AT_ONCE }, attackAgain))
}

/** One connection, until it is closed. Returns how many frames it took. */
async function attackOnce(origin: string, { token, random, count }: Attack): Promise<number> {
  const socket = new WebSocket(origin.replace('http', 'ws') + WEBSOCKET_PATH)
  socket.on('error', () => {})
  await once(socket, 'open')
  let isClosed = false
  socket.on('close', () => {
    isClosed = true
  })
  socket.send(JSON.stringify({ type: 'authenticate', token }))
  await once(socket, 'message')
  let sent = 0
  while (!isClosed && sent < count) {
    const frame = malformedFrame(random)
    // As text mostly, and some as what no device sends.
    socket.send(frame, { binary: random() < 0.02 })
    sent += 1
    await sleep(2)
  }
  socket.terminate()
  return sent
}
