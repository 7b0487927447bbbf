import { chmod, cp, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from '@sotto/service-runtime'
import { describe, expect, test } from 'vitest'
import { eventually } from '../network/eventually.ts'
import { databaseUrlOf } from '../programs/data-folder.ts'
import { p95 } from './checker/figures.ts'
import { mountSmallDisk } from './disturbances/small-disk.ts'
import { isLong, nothingWrong, runFault, seeds, within } from './run/fault-run.ts'
import { type Sotto, startTopology, topologies } from './run/topologies.ts'

const DISK_MEBIBYTES = 200
const FULL_FOR_MS = isLong ? 8_000 : 3_000

describe.each(topologies)('%s', (topology) => {
  test.each(seeds)('no disk space for tables, then none for the log (seed %d)', async (seed) => {
    await using disk = await mountSmallDisk(DISK_MEBIBYTES)
    await using sotto = await startTopology(topology)
    await moveDatabase(sotto, disk.folder)
    const answers: number[] = []

    const run = await runFault({
      row: 9,
      fault: 'disk full under PostgreSQL',
      topology,
      place: sotto,
      seed,
      strikes: 2,
      async strike({ strike, ledger }) {
        const before = ledger.heldBack.get('unavailable') ?? 0
        await disk.fill()
        // Without space for its log, PostgreSQL exits, and can't start until there is some.
        if (strike % 2 === 0) await beginSegment(await databaseUrlOf(sotto.dataFolder))
        const isTold = () => (ledger.heldBack.get('unavailable') ?? 0) > before
        await eventually('the devices to be told', isTold)
        answers.push(await startCode(sotto.origin))
        await sleep(FULL_FOR_MS)
        await disk.relieve()
      },
    })

    await run.keep({ 'refused for the moment': `${run.ledger.heldBack.get('unavailable') ?? 0}` })
    expect(run.findings).toMatchObject(nothingWrong)
    expect([...run.ledger.heldBack.keys()]).toEqual(['unavailable'])
    // A request may still find space on a page; otherwise it must report that there is none.
    expect(answers.filter((status) => status !== 200 && status !== 503)).toEqual([])
    expect(p95(run.recoveryMs)).toBeLessThan(FULL_FOR_MS + within(25_000))
  })
})

/** Moves only the database to another disk. */
async function moveDatabase(sotto: Sotto, disk: string): Promise<void> {
  const place = join(sotto.dataFolder, 'postgres')
  await sotto.stop()
  await cp(place, join(disk, 'postgres'), { recursive: true, preserveTimestamps: true })
  await chmod(join(disk, 'postgres'), 0o700)
  await rm(place, { recursive: true })
  await symlink(join(disk, 'postgres'), place)
  await sotto.start()
}

/** Makes PostgreSQL need space for its write-ahead log immediately. It exits if there is none. */
async function beginSegment(url: string): Promise<void> {
  const sql = connect(url, { maxConnections: 1, applicationName: 'test' })
  await sql`select pg_switch_wal()`.catch(() => {})
  await sql.end({ timeout: 1 })
}

/** The status of a request that has to write to the database. */
async function startCode(origin: string): Promise<number> {
  const { status } = await fetch(`${origin}/auth/phone/start`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ phone: '+4915123999999' }),
  })
  return status
}
