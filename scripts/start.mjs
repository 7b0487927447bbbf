// Entry point of `npm start`: goes from a fresh clone to a running Sotto.
import { spawnSync } from 'node:child_process'
import { findNode24, giveUp, install, nodeOptions, requireNode18, root } from './install.mjs'
import { runChild } from './run-child.mjs'

requireNode18()
install()
const node = findNode24()

const build = spawnSync(node, [...nodeOptions, 'scripts/build-web.ts', '--if-changed'], {
  cwd: root,
  stdio: 'inherit',
})
if (build.status !== 0) giveUp('The web app could not be built.')

process.exit(await runChild(node, [...nodeOptions, 'apps/all-in-one/src/main.ts']))
