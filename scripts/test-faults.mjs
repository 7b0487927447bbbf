// Entry point of `npm run test:faults`: runs every row of the fault table at full length, each time
// with a new seed. File names select rows: `npm run test:faults -- disk-full links-cut`.
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { findNode24, install, nodeOptions, requireNode18, root } from './install.mjs'
import { findMissingPrograms, testPrograms } from './system-programs.mjs'

requireNode18()
install()
if (!findMissingPrograms(testPrograms)) process.exit(1)

const wanted = process.argv.slice(2)
const writesTable = wanted.includes('--write-table')
const files = wanted.filter((word) => !word.startsWith('--'))
const filters = files.length > 0 ? files.map((file) => `/${file}.test.ts`) : ['tests/faults']

// A table with all rows comes from this run alone; otherwise, it keeps the rows that are not run.
if (writesTable && files.length === 0) {
  rmSync(join(root, 'node_modules/.cache/sotto/faults'), { recursive: true, force: true })
}

const isGreen = runNode(
  join('node_modules', 'vitest/vitest.mjs'),
  'run',
  // One at a time: they measure times, and the load of the machine affects what they measure.
  '--no-file-parallelism',
  ...filters,
)
if (writesTable && !runNode('tests/faults/checker/write-table.ts')) process.exit(1)
process.exit(isGreen ? 0 : 1)

function runNode(...args) {
  const { status } = spawnSync(findNode24(), [...nodeOptions, ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, SOTTO_FAULTS: 'long' },
  })
  return status === 0
}
