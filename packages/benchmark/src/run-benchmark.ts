import { type Figure, type Operation, operations, type Plan, REFERENCE } from './plan.ts'
import { prepare, type Track, timeMs } from './prepare.ts'

/** Progress from 0 to 1, and then the figures of one size and count. */
export type Step =
  | { readonly kind: 'progress'; readonly share: number }
  | { readonly kind: 'figures'; readonly figures: readonly Figure[] }

/** A figure that is being measured. */
interface Cell {
  readonly track: Track
  readonly operation: Operation
  readonly count: number
  readonly measured: number
  /** Microseconds per message, by round. */
  readonly rounds: number[]
}

/** The approximate share of the total time that preparation takes. */
const PREPARING = 0.05

/**
 * Measures according to `plan`. All contestants take turns in each round, so that a temporary
 * slowdown of the machine affects all of them. The caller stops it by no longer requesting steps.
 */
export async function* runBenchmark(plan: Plan): AsyncGenerator<Step, void, void> {
  const tracks: Track[] = []
  for (const [n, name] of plan.contestants.entries()) {
    yield { kind: 'progress', share: (PREPARING * n) / plan.contestants.length }
    tracks.push(...(await prepare(name, plan.sizes)))
  }
  const groups = plan.sizes.flatMap((size) => {
    const ofSize = tracks.filter((track) => track.size === size)
    return plan.counts.map((count) => ofSize.flatMap((track) => cellsOf(plan, track, count)))
  })
  const allMs = groups.flat().reduce((sum, cell) => sum + expectedMs(cell), 0) * plan.rounds
  let doneMs = 0
  for (const cells of groups) {
    for (let round = 0; round < plan.rounds; round++) {
      for (const cell of inTurn(cells, round)) {
        const took = await timeMs(cell.track, cell.operation, cell.measured)
        cell.rounds.push((took * 1000) / cell.measured)
        doneMs += expectedMs(cell)
        yield { kind: 'progress', share: PREPARING + (1 - PREPARING) * (doneMs / allMs) }
      }
    }
    yield { kind: 'figures', figures: cells.map((cell) => figureOf(cell, cells)) }
  }
}

function cellsOf({ budgetMs }: Plan, track: Track, count: number): Cell[] {
  return operations.map((operation) => {
    const affordable = ((budgetMs ?? Number.POSITIVE_INFINITY) * 1000) / track.expected[operation]
    const measured = Math.min(count, Math.max(10, Math.floor(affordable)))
    return { track, operation, count, measured, rounds: [] }
  })
}

const expectedMs = ({ track, operation, measured }: Cell) =>
  (track.expected[operation] * measured) / 1000

/** A different one begins in each round. */
const inTurn = <T>(all: readonly T[], round: number): T[] => {
  const first = (2 * round) % all.length
  return [...all.slice(first), ...all.slice(0, first)]
}

function figureOf(cell: Cell, cells: readonly Cell[]): Figure {
  const { track, operation, count, measured, rounds } = cell
  const reference = cells.find((one) => one.track.name === REFERENCE && one.operation === operation)
  const ratios = reference?.rounds.map((time, round) => time / (rounds[round] ?? Number.NaN))
  return {
    contestant: track.name,
    operation,
    size: track.size,
    count,
    measured,
    microseconds: median(rounds),
    ratio: ratios ? median(ratios) : null,
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return (
    ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2
  )
}
