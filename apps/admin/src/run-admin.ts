import { parseArgs } from 'node:util'
import { ConfigError, type Env } from '@sotto/service-runtime'
import { AdminError, exitCodes } from './admin-error.ts'
import { type AdminLog, type LoggedDetails, openAdminLog } from './admin-log.ts'
import { askServer } from './ask-server.ts'
import type { Command, Given, Outcome, Prepared, Tools } from './command.ts'
import { commands } from './commands.ts'
import { findConfig } from './config.ts'
import { help, helpOf } from './help.ts'

/** The program's access to the outside world. */
export interface World {
  readonly env: Env
  print(text: string): void
  printError(text: string): void
  /** Undefined if there is no terminal. */
  ask(question: string): Promise<boolean | undefined>
  /** Milliseconds since 1970. */
  now(): number
}

const everywhere = { json: 'flag', yes: 'flag', data: 'value', help: 'flag' } as const

/** Runs the command line after `npm run admin --`. Returns the exit status. */
export async function runAdmin(written: readonly string[], world: World): Promise<number> {
  const isJson = written.includes('--json')
  try {
    return await run(written, world)
  } catch (error) {
    const told = toAdminError(error)
    if (!told) throw error
    const { code, message } = told
    world.printError(isJson ? JSON.stringify({ error: { code, message } }) : message)
    return told.exitCode
  }
}

function toAdminError(error: unknown): AdminError | undefined {
  if (error instanceof AdminError) return error
  return error instanceof ConfigError ? new AdminError('usage', error.message) : undefined
}

async function run([name, ...rest]: readonly string[], world: World): Promise<number> {
  if (name === undefined || name === 'help' || name === '--help') {
    world.print(help)
    return name === undefined ? exitCodes.usage : exitCodes.done
  }
  const command = commands.find((one) => one.name === name)
  if (!command) {
    throw new AdminError('usage', `${JSON.stringify(name)} is not a command. --help lists them.`)
  }
  if (rest.includes('--help')) {
    world.print(helpOf(command))
    return exitCodes.done
  }
  const given = parse(command, rest)
  const prepared = command.prepare(given)
  const { data } = given.options
  const config = await findConfig(world.env, typeof data === 'string' ? data : undefined)
  await confirm(prepared, given, world)
  const { server, logFile, who } = config
  const log = await openAdminLog(logFile, { who, command: name, now: world.now })
  try {
    const tools = { ask: askServer(server), publicUrl: server.publicUrl, now: world.now }
    const outcome = await carryOut(prepared, tools, log)
    world.print(given.options.json ? JSON.stringify(outcome.json) : outcome.text)
    return outcome.isFailure ? exitCodes.failed : exitCodes.done
  } finally {
    await log.close()
  }
}

/** Logged before and after: an interrupted command has only its first line. */
async function carryOut(prepared: Prepared, tools: Tools, log: AdminLog): Promise<Outcome> {
  const logged: LoggedDetails = prepared.logged ?? {}
  await log.write('began', logged)
  try {
    const outcome = await prepared.run(tools)
    const result = outcome.isFailure ? 'failed' : 'done'
    await log.write(result, { ...logged, ...outcome.logged })
    return outcome
  } catch (error) {
    const code = error instanceof AdminError ? error.code : 'internal'
    await log.write('failed', { ...logged, code })
    throw error
  }
}

function parse({ name, options }: Command, written: readonly string[]): Given {
  const kinds = { ...options, ...everywhere }
  const known = Object.fromEntries(
    Object.entries(kinds).map(([option, kind]) => [
      option,
      { type: kind === 'flag' ? ('boolean' as const) : ('string' as const) },
    ]),
  )
  try {
    const { values, positionals } = parseArgs({
      args: [...written],
      options: known,
      allowPositionals: true,
    })
    return { args: positionals, options: values as Given['options'] }
  } catch (error) {
    const reason = error instanceof Error ? error.message.split(/\.\s/)[0] : String(error)
    throw new AdminError('usage', `${name}: ${reason}. --help describes the command.`)
  }
}

async function confirm({ question }: Prepared, { options }: Given, { ask }: World): Promise<void> {
  if (question === undefined || options.yes) return
  const answer = await ask(question)
  if (answer === true) return
  throw new AdminError(
    'unconfirmed',
    answer === undefined
      ? 'There is no terminal for the question. Add --yes.'
      : 'Nothing was done.',
  )
}
