// Asks the registry for known vulnerabilities in our packages: npm run audit. Fails if one is
// serious; if the registry cannot be asked, says so without failing.
import { spawnSync } from 'node:child_process'
import { npm, root } from './install.mjs'
import { readAudit } from './supply-chain/advisories.ts'
import { readLockFile } from './supply-chain/lock-file.ts'

const { command, args } = npm()
const options = ['--json', '--package-lock-only', '--fetch-retries=0', '--fetch-timeout=8000']
const { stdout } = spawnSync(command, [...args, 'audit', ...options, ...process.argv.slice(2)], {
  cwd: root,
  encoding: 'utf8',
  // Only for a hang; the network timeout is set above.
  timeout: 120_000,
})
const advisories = readAudit(stdout ?? '', readLockFile())

if (!advisories) {
  console.log('Not checked: the registry could not be asked (npm audit).')
} else {
  for (const line of advisories.others) console.log(`known, ${line}`)
  for (const line of advisories.serious) console.error(line)
  if (advisories.serious.length > 0) {
    console.error(
      'Use a version without the vulnerability, or accept it with a reason in scripts/supply-chain/policy.ts.',
    )
    process.exitCode = 1
  } else console.log('No serious vulnerabilities are known.')
}
