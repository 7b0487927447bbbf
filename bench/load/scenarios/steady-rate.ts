import { setTimeout as sleep } from 'node:timers/promises'
import { type Faults, faultsOf } from '../ledger.ts'
import { drain, type Pair, sendNext } from '../pairs.ts'
import { latencies } from '../percentiles.ts'
import type { Topology } from '../topology.ts'

const PER_SECOND = 200

/** Figures of P3: from sending to receiving, in milliseconds. */
export interface SteadyRate extends Faults {
  p50Ms: number
  p99Ms: number
}

/** P3: 200 messages per second over all pairs, whether earlier ones have arrived or not. */
export async function measureSteadyRate(
  topology: Topology,
  pairs: readonly Pair[],
  seconds: number,
): Promise<SteadyRate> {
  const ages: number[] = []
  for (const pair of pairs) {
    pair.onDecided = () => {}
    pair.onShown = (ms) => ages.push(ms)
  }
  const start = performance.now()
  const total = (seconds + 1) * PER_SECOND
  for (let n = 0; n < total; n++) {
    const due = start + (n * 1000) / PER_SECOND
    const wait = due - performance.now()
    if (wait > 0) await sleep(wait)
    sendNext(pairs[n % pairs.length] as Pair)
  }
  await drain(topology, pairs)
  // The first second is a warm-up.
  return { ...latencies(ages.slice(PER_SECOND)), ...faultsOf(pairs.map(({ line }) => line)) }
}
