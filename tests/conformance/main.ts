import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startVitest } from 'vitest/node'
import { CasePrinter } from './print-cases.ts'
import { variables } from './settings.ts'

const usage = `npm run conformance
npm run conformance -- --client COMMAND
npm run conformance -- --server URL --codes terminal:FILE
npm run conformance -- --server URL --codes command:COMMAND

Without options our own client and our own server are tested. tests/conformance/README.md says more.`

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Runs the cases and returns the exit code. */
async function runSuite(): Promise<number> {
  const { client, server, codes } = parseOptions()
  if (client !== undefined) process.env[variables.client] = client
  if (server !== undefined) process.env[variables.server] = new URL(server).origin
  if (codes !== undefined) process.env[variables.codes] = codes
  const both = client === undefined && server === undefined
  const folders = [
    ...(both || client !== undefined ? ['tests/conformance/client/'] : []),
    ...(both || server !== undefined ? ['tests/conformance/server/'] : []),
  ]
  const printer = new CasePrinter()
  const config = 'tests/conformance/vitest.config.ts'
  const vitest = await startVitest('test', folders, {
    root,
    config,
    watch: false,
    reporters: [printer],
  })
  await vitest.close()
  return printer.failed === 0 && printer.passed > 0 ? 0 : 1
}

function parseOptions() {
  try {
    const string = { type: 'string' } as const
    const options = { client: string, server: string, codes: string }
    const { values } = parseArgs({ options })
    if ((values.server === undefined) !== (values.codes === undefined)) {
      throw new Error('--server and --codes must be used together.')
    }
    return values
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`)
    process.exit(2)
  }
}

process.exit(await runSuite())
