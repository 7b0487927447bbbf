// Writes the figures of the last runs into docs/reliability.md.
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Figures, figuresFolder, p95 } from './figures.ts'

const document = fileURLToPath(new URL('../../../docs/reliability.md', import.meta.url))
const begin = '<!-- figures: begin -->'
const end = '<!-- figures: end -->'

const head = [
  '| # | fault | topology | runs | accepted | lost | twice | disorder | ghosts | not in the log | back, p95 | besides |',
  '|---|---|---|---|---|---|---|---|---|---|---|---|',
]

const names = (await readdir(figuresFolder)).filter((name) => name.endsWith('.json')).sort()
const all = await Promise.all(
  names.map(async (name) => {
    return JSON.parse(await readFile(join(figuresFolder, name), 'utf8')) as Figures
  }),
)
const rows = Map.groupBy(all, ({ row, fault, topology }) => `${row} ${fault} ${topology}`)
const table = [...head, ...[...rows.values()].map(lineOf)].join('\n')
const text = await readFile(document, 'utf8')
const [before, rest] = text.split(begin) as [string, string]
const after = rest.slice(rest.indexOf(end))
await writeFile(document, `${before}${begin}\n${table}\n${after}`)

/** One line of the table: sums over all runs of a row, and the worst of the other measurements. */
function lineOf(runs: readonly Figures[]): string {
  const [first] = runs as [Figures]
  const sum = (name: keyof Figures['findings']) =>
    runs.reduce((total, { findings }) => total + findings[name], 0)
  const recovery = runs.flatMap(({ recoveryMs }) => recoveryMs)
  const measured = Object.keys(first.beyond).map((what) => `${what}: ${worstOf(runs, what)}`)
  const cells = [
    first.row,
    first.fault,
    first.topology,
    runs.length,
    sum('accepted'),
    ...(['lost', 'twice', 'disorder', 'ghosts', 'unlogged'] as const).map(sum),
    recovery.length > 0 ? `${(p95(recovery) / 1000).toFixed(1)} s` : '–',
    measured.join('; ') || '–',
  ]
  return `| ${cells.join(' | ')} |`
}

/** For a value measured in each run, the text with the largest number in it. */
function worstOf(runs: readonly Figures[], what: string): string {
  const number = (value: string) => Number(/-?[\d.]+/.exec(value)?.[0] ?? 0)
  const values = runs.map(({ beyond }) => beyond[what] ?? '–')
  return values.reduce((worst, value) => (number(value) > number(worst) ? value : worst))
}
