import { inWords } from './invariants.ts'
import { runSchedule, watchRejections } from './run-schedule.ts'
import { inOneLine, type Step, scheduleOf } from './schedule.ts'
import { VirtualTime } from './world/virtual-time.ts'
import { makeTemplate, type Template, type World } from './world/world.ts'

export interface Orders {
  readonly from: number
  readonly count: number
  readonly shrink: boolean
  readonly trace: boolean
  readonly ignored: readonly string[]
  readonly bail: boolean
}

interface Place {
  readonly template: Template
  readonly time: VirtualTime
}

/** Runs the schedules of some seeds, one after the other, and prints a line for each failure. */
export async function runSchedules(orders: Orders): Promise<{ passed: number; failed: number }> {
  // The schedules' quick cryptography uses non-extractable keys, which Node warns about.
  process.noDeprecation = true
  watchRejections()
  const time = new VirtualTime()
  time.install()
  const place = { template: await makeTemplate(time), time }
  let failed = 0
  let passed = 0
  for (let seed = orders.from; seed < orders.from + orders.count; seed++) {
    if (await isFine(place, seed, orders)) passed += 1
    else failed += 1
    if (failed > 0 && orders.bail) break
  }
  time.uninstall()
  return { passed, failed }
}

async function isFine({ template, time }: Place, seed: number, orders: Orders): Promise<boolean> {
  const { ignored } = orders
  const steps = scheduleOf(seed)
  const violation = await runSchedule(template, time, { seed, steps, ignored })
  if (!violation) return true
  const { invariant, what, after } = violation
  const until = after === undefined ? 'in the end' : `after step ${after + 1}`
  process.stdout.write(`seed ${seed}: ${invariant}: ${what} (${until})\n`)
  const asLong = after === undefined ? steps : steps.slice(0, after + 1)
  const needed = orders.shrink
    ? await shrunk({ template, time }, { seed, steps: asLong, ignored, invariant })
    : asLong
  for (const step of needed) process.stdout.write(`  ${inOneLine(step)}\n`)
  if (orders.trace) await runSchedule(template, time, { seed, steps: needed, ignored, trace })
  return false
}

/** What every device shows after a step. */
function trace(step: string, { devices }: World): void {
  process.stdout.write(`${step}\n`)
  for (const device of devices) {
    process.stdout.write(`    ${device.name}: ${device.session().stage}\n`)
    for (const { id } of device.conversations()) {
      const items = device.items(id).map(inWords).join(' | ')
      process.stdout.write(`      ${id.slice(0, 4)} ${items}\n`)
    }
  }
}

interface Failing {
  readonly seed: number
  readonly steps: readonly Step[]
  readonly ignored: readonly string[]
  readonly invariant: string
}

/** Removes steps while the rest still breaks the same invariant. */
async function shrunk({ template, time }: Place, { seed, steps, ignored, invariant }: Failing) {
  const fails = async (some: readonly Step[]) =>
    (await runSchedule(template, time, { seed, steps: some, ignored }))?.invariant === invariant
  let needed = steps
  for (let size = Math.ceil(needed.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let start = 0; start < needed.length; ) {
      const rest = needed.toSpliced(start, size)
      if (await fails(rest)) needed = rest
      else start += size
    }
  }
  return needed
}
