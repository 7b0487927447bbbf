import { execFile } from 'node:child_process'
import { homedir } from 'node:os'
import { promisify } from 'node:util'

export interface CommandOptions {
  readonly cwd?: string
  /** Besides those of a fresh shell. */
  readonly variables?: Readonly<Record<string, string>>
}

/** What a fresh shell of this machine would have; settings of Sotto and Compose, which would win over files, not. */
const kept =
  /^(PATH|HOME|USER|LANG|TMPDIR|TERM|DOCKER_\w+|XDG_\w+|NODE_EXTRA_CA_CERTS|SSL_CERT_\w+|(https?|no|all)_proxy)$/i

/** Directories of programs for root, which not every shell has. */
const system = '/usr/local/sbin:/usr/sbin:/sbin'

/** What commands are started with. */
export const freshShell: NodeJS.ProcessEnv = {
  HOME: homedir(),
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => kept.test(name))),
  PATH: `${process.env.PATH}:${system}`,
}

/** Ended when the trial is: no command may make something after everything was removed. */
const ending = new AbortController()

/** Ends every command that runs, and starts none any more but those of `whatever`. */
export const endCommands = () => ending.abort()

/** Runs a command to its end and resolves to what it printed; what it says when it fails stands in the error. */
export async function run(
  command: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  return start(command, options, ending.signal)
}

/** The same, also when the trial is ending, and without an error. */
export async function whatever(command: readonly string[]): Promise<string> {
  return start(command, {}).catch(() => '')
}

/** Whether a command works. */
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
