// Entry point of `npm test`: runs every check from a fresh clone and stops at the first stage that
// fails. The last line is the total of all tests.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findNode24, install, nodeOptions, requireNode18, root } from './install.mjs'
import { readPlaywright, runPlaywright } from './run-playwright.mjs'
import { findMissingPrograms, testPrograms } from './system-programs.mjs'

requireNode18()
const begun = Date.now()
const reports = mkdtempSync(join(tmpdir(), 'sotto-reports-'))
const total = { passed: 0, failed: 0 }

/** Each stage returns whether it passed. */
const stages = [
  ['Dependencies', () => install() ?? true],
  ['Known vulnerabilities in dependencies', () => runNode('scripts/audit.mjs')],
  ['Required programs', () => findMissingPrograms(testPrograms)],
  ['Format and lint', () => runTool('@biomejs/biome/bin/biome', 'check', '--error-on-warnings')],
  ['Types', () => runTool('typescript/bin/tsc', '--noEmit', '-p', 'tsconfig.json')],
  ['Dead code', () => runTool('knip/bin/knip.js', '--no-config-hints')],
  ['Web app', () => runNode('scripts/build-web.ts', '--if-changed')],
  ['Units, vectors, services', runVitest],
  ['Browsers', runBrowsers],
]

for (const [name, run] of stages) {
  console.log(`\n== ${name} ==`)
  if (run()) continue
  console.error(`\nFailed: ${name}`)
  // A check without tests counts as one.
  if (total.failed === 0) total.failed = 1
  break
}

rmSync(reports, { recursive: true, force: true })
console.log(`\n${Math.round((Date.now() - begun) / 1000)} s`)
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exit(total.failed === 0 ? 0 : 1)

function runTool(file, ...args) {
  return runNode(join('node_modules', file), ...args)
}

function runNode(...args) {
  const { status } = spawnSync(findNode24(), [...nodeOptions, ...args], {
    cwd: root,
    stdio: 'inherit',
  })
  return status === 0
}

function runVitest() {
  const file = join(reports, 'vitest.json')
  const isGreen = runTool(
    'vitest/vitest.mjs',
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
  )
  return count(isGreen, file, (report) => ({
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + report.numTodoTests,
  }))
}

function runBrowsers() {
  const file = join(reports, 'playwright.json')
  return count(runPlaywright(file), file, readPlaywright)
}

/** Adds a report to the total. No test may be skipped. */
function count(isGreen, file, read) {
  if (!existsSync(file)) return false
  const { passed, failed, skipped } = read(JSON.parse(readFileSync(file, 'utf8')))
  total.passed += passed
  total.failed += failed
  if (skipped > 0) console.error(`${skipped} skipped: a skipped test proves nothing.`)
  return isGreen && failed === 0 && skipped === 0
}
