import { execFile } from 'node:child_process'
import { homedir } from 'node:os'
import { promisify } from 'node:util'

export interface CommandOptions {
  readonly cwd?: string
  /** In addition to those of a fresh shell. */
  readonly variables?: Readonly<Record<string, string>>
}

/**
 * The variables of a fresh shell on this machine, without settings of Sotto and Compose, which
 * would override files.
 */
const kept =
  /^(PATH|HOME|USER|LANG|TMPDIR|TERM|DOCKER_\w+|XDG_\w+|NODE_EXTRA_CA_CERTS|SSL_CERT_\w+|(https?|no|all)_proxy)$/i

/** Directories of programs for root, which not every shell's PATH contains. */
const system = '/usr/local/sbin:/usr/sbin:/sbin'

/** The environment of the commands. */
export const freshShell: NodeJS.ProcessEnv = {
  HOME: homedir(),
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => kept.test(name))),
  PATH: `${process.env.PATH}:${system}`,
}

/** Aborted when the trial ends, so that no command creates anything after the cleanup. */
const ending = new AbortController()

/** Ends every running command, and starts no more except those of `whatever`. */
export const endCommands = () => ending.abort()

/**
 * Runs a command until it exits and resolves to its output. The error of a failed command contains
 * its error output.
 */
export async function run(
  command: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  return start(command, options, ending.signal)
}

/** The same, but it also runs while the trial is ending, and never throws. */
export async function whatever(command: readonly string[]): Promise<string> {
  return start(command, {}).catch(() => '')
}

/** Whether a command succeeds. */
export async function works(...command: string[]): Promise<boolean> {
  return run(command).then(
    () => true,
    () => false,
  )
}

async function start(
  [program = '', ...args]: readonly string[],
  { cwd, variables }: CommandOptions,
  signal?: AbortSignal,
): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(program, args, {
      env: { ...freshShell, ...variables },
      maxBuffer: 100_000_000,
      ...(cwd !== undefined && { cwd }),
      ...(signal !== undefined && { signal }),
    })
    return stdout
  } catch (error) {
    const { stdout = '', stderr = '', message = '' } = error as Record<string, string>
    const said = `${stdout}\n${stderr}`.trim().split('\n').slice(-60).join('\n')
    throw new Error(`${[program, ...args].join(' ')}\n${said || message}`)
  }
}
