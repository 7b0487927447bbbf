// Entry point of `npm run cluster`: goes from a fresh clone to a running cluster, or sends a
// command to a running one.
import { spawnSync } from 'node:child_process'
import { findNode24, giveUp, install, nodeOptions, requireNode18, root } from './install.mjs'
import { runChild } from './run-child.mjs'
import { findMissingPrograms } from './system-programs.mjs'

requireNode18()
install()
const node = findNode24()
const args = process.argv.slice(2)

if (args.length === 0) {
  const needed = ['nginx', 'openssl', ...(process.env.RABBITMQ_URL ? [] : ['rabbitmq'])]
  if (!findMissingPrograms(needed)) process.exit(1)
  const build = spawnSync(node, [...nodeOptions, 'scripts/build-web.ts', '--if-changed'], {
    cwd: root,
    stdio: 'inherit',
  })
  if (build.status !== 0) giveUp('The web app could not be built.')
}

process.exit(await runChild(node, [...nodeOptions, 'apps/cluster/src/main.ts', ...args]))
