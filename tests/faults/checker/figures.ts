import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Findings } from './checker.ts'

/** Where the figures of the last runs are stored, one file for each row, topology and seed. */
export const figuresFolder = fileURLToPath(
  new URL('../../../node_modules/.cache/sotto/faults/', import.meta.url),
)

/** The result of one run of one row. */
export interface Figures {
  /** Number of the row in docs/reliability.md. */
  readonly row: number
  readonly fault: string
  readonly topology: string
  readonly seed: number
  readonly findings: Findings
  /** Milliseconds from each strike to the first acceptance of a newer message, for each line. */
  readonly recoveryMs: readonly number[]
  /** The row's other measurements, in words with a unit. */
  readonly beyond: Readonly<Record<string, string>>
}

/** Stores the figures of the long run for `write-table.ts`; the quick run measures too little. */
export async function keepFigures(figures: Figures): Promise<void> {
  if (process.env.SOTTO_FAULTS !== 'long') return
  await mkdir(figuresFolder, { recursive: true })
  const { row, topology, fault, seed } = figures
  const name = `${String(row).padStart(2, '0')}-${topology}-${fault.replaceAll(/\W+/g, '-')}-${seed}`
  await writeFile(join(figuresFolder, `${name}.json`), `${JSON.stringify(figures, null, 2)}\n`)
}

/** The 95th percentile; 0 without values. */
export function p95(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0
}
