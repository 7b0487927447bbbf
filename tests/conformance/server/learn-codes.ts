import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { PrintedCodes } from '../../programs/printed-codes.ts'

const run = promisify(execFile)

/** How to get the one-time codes of a server under test. */
export type LearnCode = (address: string) => Promise<string>

/**
 * `terminal:FILE` reads them from a development server's output, stored in FILE; `command:COMMAND` runs COMMAND with
 * the address as its last argument, which waits for the code and prints it.
 */
export function learnCodes(codes: string): LearnCode {
  const [kind, ...rest] = codes.split(':')
  const source = rest.join(':')
  if (kind === 'terminal' && source !== '') {
    const printed = new PrintedCodes(() => readFileSync(source, 'utf8'))
    return (address) => printed.next(address)
  }
  if (kind === 'command' && source !== '') {
    return async (address) => {
      const options = { timeout: 30_000 }
      const { stdout } = await run('sh', ['-c', `${source} "$1"`, 'sh', address], options)
      const code = /\b\d{6}\b/.exec(stdout)?.[0]
      if (code === undefined) throw new Error(`no code for ${address} in ${JSON.stringify(stdout)}`)
      return code
    }
  }
  throw new Error('--codes must be terminal:FILE or command:COMMAND')
}
