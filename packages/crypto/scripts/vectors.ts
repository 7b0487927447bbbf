/**
 * Runs all test vectors in a folder, including subfolders, through the product's code: `npm run
 * vectors -- FOLDER`. Prints one line per file and the total as the last line.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readSuite, runSuite } from '../tests/vectors/run-file.ts'
import type { Suite } from '../tests/vectors/suite.ts'

/** Why this script skips some files of public sets that are in the same folder as ours. */
const elsewhere: readonly (readonly [RegExp, string])[] = [
  [/(^|\/)mls\//, 'protocol mls comes later'],
  [/(^|\/)xwing\//, 'protocol mls comes later'],
  [/hostile-strings\.json$/, 'run by the tests of the services and of the web app'],
  [/html-sanitizer\.json$/, 'run by the tests of the web app'],
  [/json-parsing\.json$/, 'run by the tests of the services'],
]

const print = (line: string) => process.stdout.write(`${line}\n`)

/** The cases of a file. If the file does not match its claimed format, the only case fails. */
function readFile(path: string): Suite | undefined {
  try {
    return readSuite(JSON.parse(readFileSync(path, 'utf8')))
  } catch (error) {
    return { cases: [{ name: 'reading the file', check: () => Promise.reject(error) }], notes: [] }
  }
}

/** Runs one file and prints the result. */
async function runFile(folder: string, name: string): Promise<{ passed: number; failed: number }> {
  const reason = elsewhere.find(([path]) => path.test(name))?.[1]
  const suite = reason === undefined ? readFile(join(folder, name)) : undefined
  if (!suite) {
    print(`${name}: not applicable: ${reason ?? 'unknown format'}`)
    return { passed: 0, failed: 0 }
  }
  if (suite.cases.length === 0) {
    print(`${name}: not applicable: ${suite.notes.join('; ').replaceAll('not applicable: ', '')}`)
    return { passed: 0, failed: 0 }
  }
  const { passed, failures, notes } = await runSuite(suite)
  for (const failure of failures) print(`  failed: ${failure}`)
  const remarks = notes.length > 0 ? ` (${notes.join('; ')})` : ''
  print(`${name}: ${passed} passed, ${failures.length} failed${remarks}`)
  return { passed, failed: failures.length }
}

async function run(folder: string): Promise<boolean> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .sort()
  const sum = { passed: 0, failed: 0 }
  for (const name of names) {
    const { passed, failed } = await runFile(folder, name)
    sum.passed += passed
    sum.failed += failed
  }
  print(`${sum.passed} passed, ${sum.failed} failed`)
  return sum.failed === 0 && sum.passed > 0
}

const [folder] = process.argv.slice(2)
if (folder === undefined) {
  process.stderr.write('Usage: npm run vectors -- FOLDER\n')
  process.exit(2)
}
process.exitCode = (await run(folder)) ? 0 : 1
