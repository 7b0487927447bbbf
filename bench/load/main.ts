/**
 * What Sotto costs and how fast it is: P1 to P9, over real WebSockets with real log-ins, compared
 * with bare `ws` and PostgreSQL in the same run.
 *
 * npm run bench:load -- [--topology all-in-one|cluster] [--only P1,P4] [--seconds 5]
 *       [--rows 1000000] [--encrypt] [--json]
 */
import { readOptions } from './options.ts'
import { printReport, type Report } from './report.ts'
import { runLimits } from './run-limits.ts'
import { runScenarios } from './run-scenarios.ts'
import { measureEncryptedChat } from './scenarios/encrypted-chat.ts'
import { startTopology } from './start-topology.ts'

const options = readOptions(process.argv.slice(2))
const progress = (what: string) => process.stderr.write(`${what}\n`)

await using topology = await startTopology(options.topology)
const scenarios = options.isEncrypted
  ? { encrypted: await measureEncryptedChat(topology) }
  : await runScenarios(topology, options, progress)
const limits = await runLimits(topology, options, progress)
const report: Report = { topology: options.topology, scenarios, limits }
if (options.isJson) console.log(JSON.stringify(report))
else printReport(report)
