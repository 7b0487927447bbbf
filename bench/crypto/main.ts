/**
 * The cost of encryption and decryption: both protocols as the SDK calls them, compared with bare
 * WebCrypto and two plain JavaScript libraries. The same code runs in the web app (Settings,
 * "Encryption speed").
 *
 * node bench/crypto/main.ts [--json | --csv] [--full] [--budget 500] [--rounds 5]
 *                               [--counts 10,100,1000,10000,100000] [--sizes 100,1024] [--only
 *                               ecdh,rsa]
 *
 * If a figure would take longer than `--budget` milliseconds, fewer messages are measured and the
 * result is extrapolated, which is marked with `~`. `--full` measures every message: with `rsa` and
 * 100,000 of them, that takes minutes for a single figure.
 */
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import {
  contestants,
  counts,
  type Figure,
  type Plan,
  runBenchmark,
  sizes,
  toCsv,
  toJson,
  toText,
} from '@sotto/benchmark'

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    csv: { type: 'boolean', default: false },
    full: { type: 'boolean', default: false },
    budget: { type: 'string', default: '500' },
    rounds: { type: 'string', default: '5' },
    counts: { type: 'string', default: counts.join() },
    sizes: { type: 'string', default: sizes.join() },
    only: { type: 'string', default: contestants.join() },
  },
})

function numbersIn(list: string): number[] {
  const numbers = list.split(',').map(Number)
  if (!numbers.every((number) => Number.isSafeInteger(number) && number > 0)) {
    throw new RangeError(`Expected positive integers, not ${list}`)
  }
  return numbers
}

const wanted = options.only.split(',')
const plan: Plan = {
  contestants: contestants.filter((name) => wanted.includes(name)),
  sizes: numbersIn(options.sizes),
  counts: numbersIn(options.counts),
  rounds: numbersIn(options.rounds)[0] ?? 1,
  budgetMs: options.full ? null : (numbersIn(options.budget)[0] ?? null),
}

const figures: Figure[] = []
for await (const step of runBenchmark(plan)) {
  if (step.kind === 'figures') figures.push(...step.figures)
  else if (process.stderr.isTTY) process.stderr.write(`\r${Math.round(step.share * 100)} %  `)
}
if (process.stderr.isTTY) process.stderr.write('\r')

const [processor] = cpus()
const report = {
  environment: {
    runtime: `Node ${process.versions.node}`,
    cpu: processor?.model ?? null,
    cores: cpus().length,
    date: new Date().toISOString().slice(0, 10),
  },
  figures,
}
console.log(options.json ? toJson(report) : options.csv ? toCsv(report) : toText(report))
