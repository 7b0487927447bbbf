import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { runSchedules } from './run-schedules.ts'

/** Fewer aren't worth another process, which has to create a world first. */
const SCHEDULES_EACH = 100

const { values } = parseArgs({
  options: {
    from: { type: 'string', default: '1' },
    schedules: { type: 'string', default: '2000' },
    /** Looks for fewer steps that break the same invariant. */
    shrink: { type: 'boolean', default: false },
    /** Prints what every device shows after each step of a schedule that failed. */
    trace: { type: 'boolean', default: false },
    /** An invariant to skip, in order to find what a known failure hides. */
    ignore: { type: 'string', multiple: true, default: [] },
    /** Stops at the first failure. */
    bail: { type: 'boolean', default: false },
  },
})
const { shrink, trace, ignore, bail } = values
const from = wholeNumber('from', values.from)
const count = wholeNumber('schedules', values.schedules)
const isWorker = process.env.SOTTO_SCHEDULE_WORKER !== undefined
const workers = isWorker ? 1 : Math.min(availableParallelism(), Math.floor(count / SCHEDULES_EACH))

const { passed, failed } =
  workers > 1 && !bail
    ? await runInWorkers()
    : await runSchedules({ from, count, shrink, trace, ignored: ignore, bail })
process.stdout.write(`${passed} passed, ${failed} failed\n`)
process.exit(failed === 0 ? 0 : 1)

/** Each process runs its share: this same program with fewer schedules. */
async function runInWorkers() {
  const share = Math.ceil(count / workers)
  const starts = Array.from({ length: workers }, (_, n) => from + n * share)
  const results = await Promise.all(
    starts.map((start) => runWorker(start, Math.min(share, from + count - start))),
  )
  const sum = (all: readonly number[]) => all.reduce((one, other) => one + other, 0)
  return {
    passed: sum(results.map((result) => result.passed)),
    failed: sum(results.map((result) => result.failed)),
  }
}

async function runWorker(start: number, schedules: number) {
  const options = [
    ...['--from', String(start), '--schedules', String(schedules)],
    ...ignore.flatMap((invariant) => ['--ignore', invariant]),
    ...(shrink ? ['--shrink'] : []),
    ...(trace ? ['--trace'] : []),
  ]
  const program = [...process.execArgv, import.meta.filename, ...options]
  // A worker must not start processes of its own.
  const env = { ...process.env, SOTTO_SCHEDULE_WORKER: 'yes' }
  const worker = spawn(process.execPath, program, { stdio: ['ignore', 'pipe', 'inherit'], env })
  for await (const line of createInterface(worker.stdout)) {
    const [, passed, failed] = /^(\d+) passed, (\d+) failed$/.exec(line) ?? []
    if (passed !== undefined) return { passed: Number(passed), failed: Number(failed) }
    process.stdout.write(`${line}\n`)
  }
  throw new Error(`the schedules from ${start} did not finish`)
}

function wholeNumber(name: string, text: string): number {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number >= 0) return number
  process.stderr.write(`--${name} takes a whole number\n`)
  process.exit(2)
}
