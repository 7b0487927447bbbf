import { createInterface } from 'node:readline'
import { ClientError } from '@sotto/sdk'
import { type CommandName, lineCommands } from './line-protocol.ts'
import { SdkDevice } from './sdk-device.ts'

/**
 * Our SDK as a client of the line protocol. `npm run conformance` tests it through this program, which also serves as
 * an example of a driver for other clients.
 */
const device = new SdkDevice()

/** The answer to one line. Any error becomes a refusal; bugs are printed to standard error. */
async function answer(line: string): Promise<object> {
  const { id, do: name, ...input } = JSON.parse(line) as { id: number; do: string }
  if (!Object.hasOwn(lineCommands, name)) return { id, ok: false, code: 'unknown_command' }
  try {
    const parsed = lineCommands[name as CommandName].input.parse(input)
    const act = device[name as CommandName] as (input: unknown) => Promise<object>
    return { id, ok: true, ...(await act.call(device, parsed)) }
  } catch (error) {
    const code = error instanceof ClientError ? error.code : undefined
    if (code === undefined) console.error(error)
    return { id, ok: false, code: code ?? 'internal' }
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(line))}\n`)
}
await device.close()
process.exit(0)
