import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Findings } from './checker.ts'

/** Where the figures of the last runs lie, one file for each row, topology and seed. */
export const figuresFolder = fileURLToPath(
  new URL('../../node_modules/.cache/sotto/faults/', import.meta.url),
)

/** What one run of one row came to. */
export interface Figures {
  /** Number of the row in docs/reliability.md. */
  readonly row: number
  readonly fault: string
  readonly topology: string
  readonly seed: number
  readonly findings: Findings
  /** Milliseconds from each strike to each line's first acceptance of something newer. */
  readonly recoveryMs: readonly number[]
  /** What the row measures besides, in words with a unit. */
  readonly beyond: Readonly<Record<string, string>>
}

/** Keeps them for `write-table.ts`: those of the long run, because the quick one measures little. */
export async function keepFigures(figures: Figures): Promise<void> {
  if (process.env.SOTTO_FAULTS !== 'long') return
  await mkdir(figuresFolder, { recursive: true })
  const { row, topology, fault, seed } = figures
  const name = `${String(row).padStart(2, '0')}-${topology}-${fault.replaceAll(/\W+/g, '-')}-${seed}`
  await writeFile(join(figuresFolder, `${name}.json`), `${JSON.stringify(figures, null, 2)}\n`)
}

/** The value below which 95 % lie; 0 of nothing. */
export function p95(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0
}
