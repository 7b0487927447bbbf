import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'

export interface Ended {
  readonly status: number | null
  readonly output: string
}

interface Which {
  readonly from: number
  readonly schedules: number
  /** Invariants that are not checked. */
  readonly ignored?: readonly string[]
  /** The bug to plant, by its file `planted/plant-*.ts`. */
  readonly bug?: string
}

const MAIN = new URL('main.ts', import.meta.url).pathname

/** Runs schedules in a separate process, up to the first that fails. */
export async function startSchedules({
  from,
  schedules,
  ignored = [],
  bug,
}: Which): Promise<Ended> {
  const planted = bug === undefined ? [] : ['--import', fileOf(bug)]
  const program = ['--disable-warning=ExperimentalWarning', ...planted, MAIN]
  const seeds = ['--from', String(from), '--schedules', String(schedules), '--bail']
  const options = [...seeds, ...ignored.flatMap((invariant) => ['--ignore', invariant])]
  const child = spawn(process.execPath, [...program, ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  })
  const status = new Promise<number | null>((resolve) => child.on('close', resolve))
  return { output: await text(child.stdout), status: await status }
}

function fileOf(bug: string): string {
  return new URL(`planted/plant-${bug}.ts`, import.meta.url).href
}
