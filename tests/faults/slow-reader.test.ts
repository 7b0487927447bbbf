import { Health } from '@sotto/service-runtime'
import { CloseCode } from '@sotto/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../network/eventually.ts'
import { ServerProcess } from '../network/server-process.ts'
import { nothingWrong, runFault, seeds } from './fault-run.ts'
import { heldMib, inspectable } from './memory-of.ts'

const SLOW = 2
/** What a connection may hold (2 MiB), what is on its way, and what the load itself takes. */
const MOST_MIB = 2 * SLOW + 8

let server: ServerProcess
beforeAll(async () => {
  server = await ServerProcess.start({ RATE_LIMIT_FACTOR: '100000', ...inspectable })
})
afterAll(() => server[Symbol.asyncDispose]())

test.each(seeds)(
  'all-in-one: devices that stop reading (seed %d)',
  async (seed) => {
    let most = 0
    const run = await runFault({
      row: 8,
      fault: 'devices that do not read',
      topology: 'all-in-one',
      place: server,
      seed,
      strikes: 1,
      conversations: 4,
      perSecond: 160,
      messageChars: 16_000,
      async strike({ load }) {
        const slow = load.devices.slice(0, SLOW)
        const before = await connections()
        const held = await heldMib(server.printed)
        for (const device of slow) device.pause()
        const areGone = async () => {
          most = Math.max(most, (await heldMib(server.printed)) - held)
          return (await connections()) <= before - SLOW
        }
        await eventually('the server to let go of them', areGone, 60_000)
        for (const device of slow) device.resume()
        await eventually('them to come back', () =>
          slow.every(({ closeCodes }) => closeCodes.length > 0),
        )
      },
    })

    const codes = run.load.devices.slice(0, SLOW).flatMap(({ closeCodes }) => closeCodes)
    await run.keep({ 'server memory': `${most.toFixed(1)} MiB more at most, for ${SLOW} devices` })
    expect(run.findings).toMatchObject(nothingWrong)
    expect(most).toBeLessThanOrEqual(MOST_MIB)
    // 1006: what was sent before the reason did not fit into the network any more.
    expect(codes.every((code) => code === CloseCode.tooSlow || code === 1006)).toBe(true)
  },
  180_000,
)

/** The live connections, as the server counts them. */
async function connections(): Promise<number> {
  const answer = await fetch(`${server.origin}/health`)
  const { parts } = Health.parse(await answer.json())
  return Number.parseInt(parts.websocket?.detail ?? '', 10)
}
