// Runs a TypeScript or JavaScript file with Node 24: node scripts/with-node24.mjs FILE [arguments].
import { findNode24, giveUp, install, nodeOptions, requireNode18 } from './install.mjs'
import { runChild } from './run-child.mjs'

requireNode18()
const [file, ...args] = process.argv.slice(2)
if (file === undefined) giveUp('Usage: node scripts/with-node24.mjs FILE [arguments]')
install()
process.exit(await runChild(findNode24(), [...nodeOptions, file, ...args]))
