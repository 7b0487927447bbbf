import { spawnSync } from 'node:child_process'
import { findNode24, nodeOptions, root } from './install.mjs'

/**
 * Runs the browser suite, or the part that `args` select, and writes a report to `file`. Returns
 * whether all tests passed.
 */
export function runPlaywright(file, args = [], env = {}) {
  const tool = 'node_modules/@playwright/test/cli.js'
  const { status } = spawnSync(
    findNode24(),
    [...nodeOptions, tool, 'test', '--reporter=list,json', ...args],
    {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, ...env, PLAYWRIGHT_JSON_OUTPUT_FILE: file },
    },
  )
  return status === 0
}

/** The counts of such a report. A test that passed only on retry counts as failed. */
export function readPlaywright({ stats }) {
  return {
    passed: stats.expected,
    failed: stats.unexpected + stats.flaky,
    skipped: stats.skipped,
  }
}
