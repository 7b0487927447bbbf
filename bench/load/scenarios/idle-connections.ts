import { setTimeout as sleep } from 'node:timers/promises'
import { type Account, refresh } from '../accounts.ts'
import { forEachAtOnce } from '../at-once.ts'
import { cpuSecondsOf, residentKibByProgram } from '../cpu-time.ts'
import { Device } from '../device.ts'
import { rounded } from '../percentiles.ts'
import type { Topology } from '../topology.ts'

const AT_ONCE = 64
const WARM_UP = 200
const PER_ACCOUNT = 25
const SETTLE_MS = 3_000

/** Figures of P6. */
export interface NewConnections {
  perSecond: number
  cpuMicrosPerConnection: number
  connections: number
}

/** Figures of P5. */
export interface IdleConnections {
  kibPerConnection: number
  connections: number
  /** The parts of `kibPerConnection`. */
  kibByProgram: Record<string, number>
}

/**
 * P6: how many connections per second are accepted and authenticated, each with a token that the
 * service has not seen before. The first 200 are a warm-up.
 */
export async function measureNewConnections(
  topology: Topology,
  accounts: readonly Account[],
): Promise<NewConnections> {
  await closeAll(await connectAll(topology, accounts.slice(0, WARM_UP)))
  const measured = accounts.slice(WARM_UP)
  await forEachAtOnce(AT_ONCE, measured, (account) => refresh(topology, account))
  const cpuBefore = await cpuSecondsOf(topology.pids())
  const start = performance.now()
  const devices = await connectAll(topology, measured)
  const elapsed = (performance.now() - start) / 1000
  const cpu = (await cpuSecondsOf(topology.pids())) - cpuBefore
  await closeAll(devices)
  return {
    perSecond: Math.round(measured.length / elapsed),
    cpuMicrosPerConnection: Math.round((cpu * 1e6) / measured.length),
    connections: measured.length,
  }
}

/**
 * P5: how much memory idle connections add to the processes that hold them. The number is large,
 * because a heap grows in steps; 25 per account.
 */
export async function measureIdleConnections(
  topology: Topology,
  accounts: readonly Account[],
): Promise<IdleConnections> {
  const pids = await topology.connectionPids()
  const before = await residentKibByProgram(pids)
  const each = Array.from({ length: PER_ACCOUNT }, () => accounts).flat()
  const devices = await connectAll(topology, each)
  await sleep(SETTLE_MS)
  const after = await residentKibByProgram(pids)
  await closeAll(devices)
  const kibByProgram: Record<string, number> = {}
  let kib = 0
  for (const [program, now] of Object.entries(after)) {
    const each = (now - (before[program] ?? 0)) / devices.length
    kibByProgram[program] = rounded(each, 1)
    kib += each
  }
  return { kibPerConnection: rounded(kib, 1), connections: devices.length, kibByProgram }
}

async function connectAll(topology: Topology, accounts: readonly Account[]): Promise<Device[]> {
  const devices: Device[] = []
  await forEachAtOnce(AT_ONCE, accounts, async (account) => {
    devices.push(await Device.connect(topology, account))
  })
  return devices
}

async function closeAll(devices: readonly Device[]) {
  await forEachAtOnce(AT_ONCE, devices, (device) => device.close())
}
