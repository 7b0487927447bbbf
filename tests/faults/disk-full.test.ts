import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from '@sotto/service-runtime'
import { expect, test } from 'vitest'
import { eventually } from '../network/eventually.ts'
import { ServerProcess } from '../network/server-process.ts'
import { isLong, nothingWrong, runFault, seeds, within } from './fault-run.ts'
import { p95 } from './figures.ts'
import { mountSmallDisk } from './small-disk.ts'

const DISK_MEBIBYTES = 200
const FULL_FOR_MS = isLong ? 15_000 : 6_000

test.each(seeds)(
  'all-in-one: no room for tables, then none for the log (seed %d)',
  async (seed) => {
    await using disk = await mountSmallDisk(DISK_MEBIBYTES)
    await using server = await ServerProcess.start(
      { RATE_LIMIT_FACTOR: '100000' },
      { dataFolder: join(disk.folder, 'data') },
    )
    const answers: number[] = []

    const run = await runFault({
      row: 9,
      fault: 'disk full under PostgreSQL',
      topology: 'all-in-one',
      place: server,
      seed,
      async strike({ strike, ledger }) {
        const before = ledger.heldBack.get('unavailable') ?? 0
        await disk.fill()
        // Once there is no room for its log PostgreSQL ends, and cannot start before there is.
        if (strike % 2 === 0) await beginSegment(await server.databaseUrl())
        const isTold = () => (ledger.heldBack.get('unavailable') ?? 0) > before
        await eventually('the devices to be told', isTold, 30_000)
        answers.push(await startCode(server.origin))
        await sleep(FULL_FOR_MS)
        await disk.relieve()
      },
    })

    await run.keep({ 'refused for the moment': `${run.ledger.heldBack.get('unavailable') ?? 0}` })
    expect(run.findings).toMatchObject(nothingWrong)
    expect([...run.ledger.heldBack.keys()]).toEqual(['unavailable'])
    // A request finds room on a page perhaps; without it, it says so.
    expect(answers.filter((status) => status !== 200 && status !== 503)).toEqual([])
    expect(p95(run.recoveryMs)).toBeLessThanOrEqual(FULL_FOR_MS + within(25_000))
  },
  180_000,
)

/** Makes PostgreSQL need room for its write-ahead log at once. It ends when there is none. */
async function beginSegment(url: string): Promise<void> {
  const sql = connect(url, { maxConnections: 1, applicationName: 'test' })
  await sql`select pg_switch_wal()`.catch(() => {})
  await sql.end({ timeout: 1 })
}

/** The status of a request that has to write. */
async function startCode(origin: string): Promise<number> {
  const { status } = await fetch(`${origin}/auth/phone/start`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ phone: '+4915123999999' }),
  })
  return status
}
