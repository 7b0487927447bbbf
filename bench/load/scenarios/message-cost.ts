import { setTimeout as sleep } from 'node:timers/promises'
import { cpuSecondsByProgram } from '../cpu-time.ts'
import { type Faults, faultsOf } from '../ledger.ts'
import { drain, type Pair, sendNext } from '../pairs.ts'
import { latencies, rounded } from '../percentiles.ts'
import type { Topology } from '../topology.ts'

/** Figures of P1 and P2: the cost of a message, and the throughput. */
export interface MessageCost extends Faults {
  cpuMicrosPerMessage: number
  deliveredPerSecond: number
  p50Ms: number
  p99Ms: number
  /** The parts of `cpuMicrosPerMessage`. */
  cpuMicrosByProgram: Record<string, number>
}

/**
 * P1 and P2: every sender keeps `inFlight` envelopes undecided for `seconds`. CPU time is that of
 * the whole server side, divided by the number of messages that were accepted and delivered
 * meanwhile.
 */
export async function measureMessageCost(
  topology: Topology,
  pairs: readonly Pair[],
  { inFlight, seconds }: { inFlight: number; seconds: number },
): Promise<MessageCost> {
  let isSending = true
  let shown = 0
  let ages: number[] = []
  for (const pair of pairs) {
    pair.onDecided = () => {
      if (isSending) sendNext(pair)
    }
    pair.onShown = (ms) => {
      shown += 1
      ages.push(ms)
    }
    for (let n = 0; n < inFlight; n++) sendNext(pair)
  }
  // Until the code is compiled and the pools are filled.
  await sleep(2_000)
  ages = []
  const before = shown
  const cpuBefore = await cpuSecondsByProgram(topology.pids())
  const start = performance.now()
  await sleep(seconds * 1000)
  const elapsed = (performance.now() - start) / 1000
  const count = shown - before
  const cpuAfter = await cpuSecondsByProgram(topology.pids())
  isSending = false
  await drain(topology, pairs)
  const cpuMicrosByProgram: Record<string, number> = {}
  let cpuMicros = 0
  for (const [program, used] of Object.entries(cpuAfter)) {
    const micros = ((used - (cpuBefore[program] ?? 0)) * 1e6) / count
    if (micros >= 0.1) cpuMicrosByProgram[program] = rounded(micros, 1)
    cpuMicros += micros
  }
  return {
    cpuMicrosPerMessage: rounded(cpuMicros, 1),
    deliveredPerSecond: Math.round(count / elapsed),
    ...latencies(ages),
    ...faultsOf(pairs.map(({ line }) => line)),
    cpuMicrosByProgram,
  }
}
