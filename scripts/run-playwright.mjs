import { spawnSync } from 'node:child_process'
import { findNode24, nodeOptions, root } from './install.mjs'

/** Runs the browser suite, or what `args` leave of it, with a report in `file`. Whether all is well. */
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

/** The counts of such a report. One that passed at the second try has failed. */
export function readPlaywright({ stats }) {
  return {
    passed: stats.expected,
    failed: stats.unexpected + stats.flaky,
    skipped: stats.skipped,
  }
}
