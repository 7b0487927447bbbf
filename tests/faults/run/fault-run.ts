import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from '../../network/eventually.ts'
import { randomFrom } from '../../network/random-from.ts'
import { check, type Findings } from '../checker/checker.ts'
import { type Figures, keepFigures, p95 } from '../checker/figures.ts'
import { Ledger } from '../checker/ledger.ts'
import { Load, type LoadPlace } from './load.ts'

/** Whether this is the long run (`npm run test:faults`) instead of the quick one in `npm test`. */
export const isLong = process.env.SOTTO_FAULTS === 'long'

/**
 * A time limit in milliseconds that applies in the long run. `npm test` may run on any machine, next to other work:
 * there, things only have to happen eventually, and the zeros are the same.
 */
export const within = (ms: number): number => (isLong ? ms : Number.POSITIVE_INFINITY)

/** The seeds of a row. To repeat a run that failed: `SOTTO_FAULT_SEED=… npm run test:faults`. */
export const seeds: readonly number[] = chooseSeeds()

function chooseSeeds(): number[] {
  const wanted = process.env.SOTTO_FAULT_SEED
  if (wanted !== undefined) return [Number(wanted)]
  const first = Date.now() % 1_000_000
  return Array.from({ length: isLong ? 5 : 1 }, (_, n) => first + n)
}

export interface FaultRunOptions {
  readonly row: number
  readonly fault: string
  readonly topology: string
  readonly place: LoadPlace
  readonly seed: number
  /** Causes the fault once. Called while the load runs; resolves when the fault is over. */
  readonly strike: (context: StrikeContext) => Promise<void>
  /** Awaited before each strike but the first, until everything that the fault needs works again. */
  readonly settle?: (context: StrikeContext) => Promise<void>
  /** How often it strikes; once by default, 3 times in the long run. */
  readonly strikes?: number
  readonly conversations?: number
  readonly perSecond?: number
  /** The load continues until this many are accepted. */
  readonly acceptAtLeast?: number
  readonly deviceOrigins?: readonly string[]
  readonly messageChars?: number
}

export interface StrikeContext {
  readonly random: () => number
  readonly load: Load
  readonly ledger: Ledger
  /** Counted from 0. */
  readonly strike: number
}

export interface FaultRun {
  readonly findings: Findings
  readonly recoveryMs: readonly number[]
  readonly ledger: Ledger
  readonly load: Load
  /** Stores the figures, together with the other measurements. */
  keep(beyond?: Figures['beyond']): Promise<void>
}

const BETWEEN_STRIKES_MS = 1_500

/**
 * Runs the load, triggers a fault at random moments, stops, drains, and checks. Throws if the load doesn't recover or
 * anything is refused for good; everything else is in the findings.
 */
export async function runFault(options: FaultRunOptions): Promise<FaultRun> {
  const { row, fault, topology, place, seed } = options
  const { acceptAtLeast = isLong ? 2_000 : 300 } = options
  const name = `row ${row}, ${fault}, ${topology}, seed ${seed}`
  console.log(name)
  const begunAt = performance.now()
  const random = randomFrom(seed)
  const ledger = new Ledger()
  const {
    conversations = 10,
    perSecond = isLong ? 300 : 100,
    deviceOrigins,
    messageChars,
  } = options
  const load = await Load.open(place, {
    ledger,
    random,
    conversations,
    perSecond,
    ...(deviceOrigins && { deviceOrigins }),
    ...(messageChars && { messageChars }),
  })
  const recoveryMs: number[] = []
  try {
    load.start()
    for (let strike = 0; strike < (options.strikes ?? (isLong ? 3 : 1)); strike++) {
      await sleep(300 + random() * BETWEEN_STRIKES_MS)
      const context = { random, load, ledger, strike }
      if (strike > 0) await options.settle?.(context)
      const struckAt = performance.now()
      await options.strike(context)
      await eventually('the load to come back', () => isBack(ledger, struckAt))
      recoveryMs.push(...recoveriesOf(ledger, struckAt))
    }
    await eventually('enough messages', () => ledger.accepted >= acceptAtLeast)
    await load.drain()
  } finally {
    await load.close()
  }
  if (ledger.refusals.length > 0) throw new Error(`refused for good: ${ledger.refusals[0]}`)
  const findings = check(ledger)
  const figures = Object.entries(findings).map(([what, count]) => `${what} ${count}`)
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`
  console.log(
    `${name}: ${figures.join(', ')}, back after ${seconds(p95(recoveryMs))}; it took ${seconds(performance.now() - begunAt)}`,
  )
  const keep = (beyond: Figures['beyond'] = {}) =>
    keepFigures({ row, fault, topology, seed, findings, recoveryMs, beyond })
  return { findings, recoveryMs, ledger, load, keep }
}

/** Whether each line has had a message accepted that was written after the strike. */
function isBack(ledger: Ledger, struckAt: number): boolean {
  return [...ledger.lines.values()].every(({ sentAt, accepted }) => {
    const first = sentAt.findIndex((at) => at > struckAt)
    return first >= 0 && accepted.has(first)
  })
}

function recoveriesOf(ledger: Ledger, struckAt: number): number[] {
  return [...ledger.lines.values()].flatMap(({ sentAt, accepted }) => {
    const acceptance = accepted.get(sentAt.findIndex((at) => at > struckAt))
    return acceptance ? [acceptance.at - struckAt] : []
  })
}

/** The findings that every row requires. */
export const nothingWrong = { lost: 0, twice: 0, disorder: 0, ghosts: 0, unlogged: 0 } as const
