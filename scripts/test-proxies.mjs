// Entry point of `npm run test:proxies`: runs the core of the browser suite behind each web server
// of `deploy/proxies`. Takes Playwright's options: `npm run test:proxies -- --project=caddy talk`.
// The last line is the total.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findNode24, install, nodeOptions, requireNode18, root } from './install.mjs'
import { readPlaywright, runPlaywright } from './run-playwright.mjs'
import { findMissingPrograms } from './system-programs.mjs'

requireNode18()
install()
if (!findMissingPrograms(['chromium', 'openssl', 'caddy', 'haproxy', 'nginx'])) process.exit(1)
const built = spawnSync(findNode24(), [...nodeOptions, 'scripts/build-web.ts', '--if-changed'], {
  cwd: root,
  stdio: 'inherit',
})
if (built.status !== 0) process.exit(1)

const reports = mkdtempSync(join(tmpdir(), 'sotto-reports-'))
const file = join(reports, 'playwright.json')
const isGreen = runPlaywright(file, process.argv.slice(2), { SOTTO_TOPOLOGY: 'proxies' })
const { passed, failed, skipped } = existsSync(file)
  ? readPlaywright(JSON.parse(readFileSync(file, 'utf8')))
  : { passed: 0, failed: 1, skipped: 0 }
rmSync(reports, { recursive: true, force: true })
if (skipped > 0) console.error(`${skipped} skipped: a skipped test proves nothing.`)
console.log(`\n${passed} passed, ${failed} failed`)
process.exit(isGreen && failed === 0 && skipped === 0 ? 0 : 1)
