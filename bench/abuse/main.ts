/**
 * What attackers can achieve against a public Sotto: bounded hostile clients against the default
 * configuration, each with a figure and a limit.
 *
 * npm run bench:abuse -- [--only fill-the-disk,change-pictures] [--seconds 10] [--json]
 *
 * A scenario is a file in `scenarios`. Each gets a separate Sotto, so that none uses up what
 * another one needs.
 */
import { readdir } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { startAllInOne } from '../load/topologies/all-in-one.ts'
import type { Figure, Scenario } from './scenario.ts'

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    seconds: { type: 'string', default: '10' },
    json: { type: 'boolean', default: false },
  },
})

const folder = new URL('./scenarios/', import.meta.url)
const names = (await readdir(folder)).map((file) => file.replace(/\.ts$/, '')).sort()
const wanted = options.only?.split(',') ?? names
const unknown = wanted.find((name) => !names.includes(name))
if (unknown !== undefined) throw new Error(`--only takes ${names.join(',')}, not ${unknown}`)

const results: (Figure & { scenario: string })[] = []
for (const name of wanted) {
  process.stderr.write(`${name}\n`)
  const { scenario }: { scenario: Scenario } = await import(new URL(`${name}.ts`, folder).href)
  await using server = await startAllInOne({ ...scenario.environment })
  const figures = await scenario.run(server, { seconds: Number(options.seconds) })
  results.push(...figures.map((figure) => ({ scenario: name, ...figure })))
}

const isPassed = ({ value, atMost }: Figure) => atMost === undefined || value <= atMost
const judged = results.filter(({ atMost }) => atMost !== undefined)
const passed = judged.filter(isPassed).length
if (options.json) console.log(JSON.stringify(results))
else {
  console.table(
    results.map(({ scenario, what, value, unit, atMost }) => ({
      scenario,
      what,
      figure: `${value.toLocaleString('en', { maximumFractionDigits: 1 })} ${unit}`,
      'at most': atMost?.toLocaleString('en') ?? '',
      verdict:
        atMost === undefined ? '' : isPassed({ what, value, unit, atMost }) ? 'ok' : 'FAILED',
    })),
  )
}
console.log(`${passed} passed, ${judged.length - passed} failed`)
if (passed < judged.length) process.exitCode = 1
