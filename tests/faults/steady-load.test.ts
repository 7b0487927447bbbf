import { readdir } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { refresh } from '../../bench/load/accounts.ts'
import { ServerProcess } from '../programs/server-process.ts'
import { nothingWrong, runFault } from './run/fault-run.ts'
import { heldMib, inspectable } from './run/memory-of.ts'

const MINUTES = Number(process.env.SOTTO_SOAK_MINUTES ?? 30)
const LOOK_EVERY_MS = 20_000
/** Tokens are renewed every four minutes. */
const LOOKS_PER_TOKEN = 12
/** The first measurements include caches that are filling up. */
const WARM_SHARE = 0.3
const MOST_GROWTH_MIB = 10
const MOST_GROWTH_DESCRIPTORS = 5

let server: ServerProcess
beforeAll(async () => {
  server = await ServerProcess.start({ RATE_LIMIT_FACTOR: '100000', ...inspectable })
})
afterAll(() => server[Symbol.asyncDispose]())

test(
  `${MINUTES} minutes at 200 messages/s: memory and descriptors stay stable`,
  async () => {
    const looks: { mib: number; descriptors: number }[] = []
    const run = await runFault({
      row: 19,
      fault: `${MINUTES} minutes at 200 messages/s`,
      topology: 'all-in-one',
      place: server,
      seed: 0,
      strikes: 1,
      perSecond: 200,
      async strike({ load }) {
        const until = performance.now() + MINUTES * 60_000
        while (performance.now() < until) {
          await sleep(LOOK_EVERY_MS)
          const descriptors = (await readdir(`/proc/${server.pid}/fd`)).length
          looks.push({ mib: await heldMib(server.printed), descriptors })
          if (looks.length % LOOKS_PER_TOKEN > 0) continue
          for (const account of load.accounts) await refresh(server, account)
          for (const device of load.devices) device.renew()
        }
      },
    })

    const warm = looks.slice(Math.floor(looks.length * WARM_SHARE))
    const mib = growth(warm.map((look) => look.mib))
    const descriptors = growth(warm.map((look) => look.descriptors))
    await run.keep({
      'memory after collection': `${mib.from.toFixed(0)} MiB, in the end ${mib.to.toFixed(0)} MiB`,
      descriptors: `${descriptors.from.toFixed(0)}, in the end ${descriptors.to.toFixed(0)}`,
    })
    expect(run.findings).toMatchObject(nothingWrong)
    expect(mib.to - mib.from).toBeLessThanOrEqual(MOST_GROWTH_MIB)
    expect(descriptors.to - descriptors.from).toBeLessThanOrEqual(MOST_GROWTH_DESCRIPTORS)
  },
  (MINUTES + 5) * 60_000,
)

/** The means of the first and last thirds. */
function growth(values: readonly number[]) {
  const third = Math.max(1, Math.floor(values.length / 3))
  const mean = (some: readonly number[]) => some.reduce((sum, one) => sum + one, 0) / some.length
  return { from: mean(values.slice(0, third)), to: mean(values.slice(-third)) }
}
