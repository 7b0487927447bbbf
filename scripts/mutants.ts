// Changes single expressions of the SDK's most difficult folders, and fails if fewer than 80 % of these mutants make a
// unit test fail: npm run mutants. All of them take hours, `npm run mutants -- 6` takes a sixth of that.
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'

const root = dirname(import.meta.dirname)
const folders = 'packages/sdk/src/{sending,receiving,server-restore,contacts}'
/** A table of characters, which nothing is derived from here. */
const data = 'packages/sdk/src/contacts/look-alikes/confusables.ts'

/** Enough for most mutants, which must lie within one block. */
const LINES = 5

const period = Number(process.argv[2] ?? 1)
const files = globSync(`${folders}/**/*.ts`, { cwd: root }).filter((file) => file !== data)
const mutated = period > 1 ? files.flatMap(linesOf) : files

const stryker = 'node_modules/@stryker-mutator/core/bin/stryker.js'
const { status } = spawnSync(
  process.execPath,
  [stryker, 'run', '--mutate', mutated.sort().join(',')],
  { cwd: root, stdio: 'inherit' },
)
process.exitCode = status ?? 1

/** One block of lines in `period`: the same ones every time. */
function linesOf(file: string, place: number): string[] {
  const count = readFileSync(`${root}/${file}`, 'utf8').split('\n').length
  const blocks = Array.from({ length: Math.ceil(count / LINES) }, (_, i) => i)
  return blocks
    .filter((block) => block % period === place % period)
    .map((block) => `${file}:${block * LINES + 1}-${(block + 1) * LINES}`)
}
