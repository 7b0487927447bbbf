import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from '@sotto/service-runtime'
import { describe, expect, test } from 'vitest'
import { forEachAtOnce } from '../../../bench/load/at-once.ts'
import { eventually } from '../../network/eventually.ts'
import { databaseUrlOf } from '../../programs/data-folder.ts'
import { isLong, nothingWrong, runFault, seeds, within } from '../run/fault-run.ts'
import { LightDevice } from '../run/light-device.ts'
import { startTopology, topologies } from '../run/topologies.ts'

const CONNECTIONS = isLong ? 2_000 : 200
const BACK_WITHIN_MS = 30_000
/**
 * For all services together; see `connect` in apps/all-in-one/src/run.ts, and the services'
 * config.ts.
 */
const POOLS = { 'all-in-one': 10 + 10, cluster: 10 + 2 * 15 } as const

describe.each(topologies)('%s', (topology) => {
  test.each(seeds)(`${CONNECTIONS} connections are cut simultaneously (seed %d)`, async (seed) => {
    await using sotto = await startTopology(topology)
    const crowd: LightDevice[] = []
    let allBackMs = 0
    let densest = 0
    let mostConnections = 0

    const run = await runFault({
      row: 14,
      fault: `${CONNECTIONS} connections cut at once`,
      topology,
      place: sotto,
      seed,
      strikes: 1,
      // The server allows at most 64 connections per account.
      conversations: CONNECTIONS / 80,
      async strike({ load, ledger, random }) {
        await forEachAtOnce(50, Array.from({ length: CONNECTIONS }), async (_, n) => {
          const account = load.accounts[n % load.accounts.length]
          const token = () => account?.token ?? ''
          const device = new LightDevice({
            name: `x${n}`,
            origin: sotto.origin,
            token,
            ledger,
            random,
          })
          crowd.push(device)
          await eventually('a connection', () => device.isOnline)
        })
        await sotto.killWebsockets()
        const servesAt = performance.now()
        const counting = countConnections(await databaseUrlOf(sotto.dataFolder), crowd)
        await eventually('everybody', () => crowd.every(({ isOnline }) => isOnline))
        const moments = crowd.map(({ enteredAt }) => enteredAt - servesAt).sort((a, b) => a - b)
        allBackMs = moments.at(-1) ?? 0
        densest = shareOfDensest(moments)
        mostConnections = await counting
      },
    })
    for (const device of crowd) device.close()

    await run.keep({
      'all back': `${(allBackMs / 1000).toFixed(1)} s after it serves again`,
      'in the densest 0.1 s': `${(100 * densest).toFixed(0)} %`,
      'database connections': `${mostConnections} at most`,
    })
    expect(run.findings).toMatchObject(nothingWrong)
    expect(allBackMs).toBeLessThan(within(BACK_WITHIN_MS))
    // Without randomness in the wait they would all reconnect at the same moment, as on a machine that stalls.
    if (isLong) expect(densest).toBeLessThan(0.5)
    expect(mostConnections).toBeLessThanOrEqual(POOLS[topology])
  })
})

/** The largest number of database connections that the services held until everyone was back. */
async function countConnections(url: string, crowd: readonly LightDevice[]): Promise<number> {
  const sql = connect(url, { maxConnections: 1, applicationName: 'test' })
  let most = 0
  while (!crowd.every(({ isOnline }) => isOnline)) {
    const [row] = await sql<{ count: number }[]>`
      select count(*)::int as count from pg_stat_activity
      where usename in ('sotto_auth', 'sotto_chat')`
    most = Math.max(most, row?.count ?? 0)
    await sleep(100)
  }
  await sql.end()
  return most
}

function shareOfDensest(moments: readonly number[]): number {
  const counts = moments.map((from) => moments.filter((at) => at >= from && at < from + 100).length)
  return Math.max(0, ...counts) / moments.length
}
