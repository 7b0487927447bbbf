import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { access, constants, mkdir } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { StartError, systemCode } from '@sotto/service-runtime'
import { endProcessesIn } from './end-processes.ts'
import type { Run } from './part.ts'

export interface ProgramOptions {
  readonly command: string
  readonly args: readonly string[]
  readonly env: NodeJS.ProcessEnv
  /**
   * A working directory for this program only: processes found in it at a start are leftovers, and
   * are ended.
   */
  readonly folder: string
  /** Its standard output is appended to this file. */
  readonly logFile: string
  /** The signal for a graceful stop. NGINX uses a different one. */
  readonly stopSignal: NodeJS.Signals
  /** How long a graceful stop may take. */
  readonly stopWithinMs: number
  readonly signal: AbortSignal
  /** Receives each line of its standard error, which is not stored. */
  readonly onLine: (line: string) => void
}

/** Starts a program that ends when this process ends, however it ends. */
export async function runProgram(options: ProgramOptions): Promise<Run> {
  const { folder, logFile, env, stopSignal, stopWithinMs, signal } = options
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await endProcessesIn(folder)
  signal.throwIfAborted()
  const [command, args] = await boundToUs(options.command, options.args)
  const log = openSync(logFile, 'a', 0o600)
  // In a separate process group: Ctrl-C reaches only the supervisor, which stops the parts in
  // order.
  const child = spawn(command, args, {
    cwd: folder,
    env,
    stdio: ['ignore', log, 'pipe'],
    detached: true,
  })
  closeSync(log)
  if (child.stderr) createInterface(child.stderr).on('line', options.onLine)
  const ended = endOf(child, command)
  await Promise.race([once(child, 'spawn').catch(() => undefined), ended])
  return {
    pid: child.pid ?? 0,
    ended,
    async stop() {
      child.kill(stopSignal)
      const timer = setTimeout(() => child.kill('SIGKILL'), stopWithinMs)
      await ended
      clearTimeout(timer)
    },
  }
}

async function endOf(child: ReturnType<typeof spawn>, command: string): Promise<void> {
  try {
    // Not `close`, which waits for all processes that hold its output.
    await once(child, 'exit')
  } catch (error) {
    throw new StartError(`${command} cannot be run (${systemCode(error)}).`)
  }
}

/**
 * The command line that makes the kernel end a program when this process is gone; on Linux only.
 */
async function boundToUs(
  command: string,
  args: readonly string[],
): Promise<[string, readonly string[]]> {
  const setpriv = await findProgram('setpriv')
  if (setpriv === undefined) return [command, args]
  return [setpriv, ['--pdeathsig=TERM', '--', command, ...args]]
}

/** The path of an installed program, or undefined. */
export async function findProgram(name: string): Promise<string | undefined> {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/bin']
  for (const folder of folders.filter(Boolean)) {
    const isThere = await access(join(folder, name), constants.X_OK).then(
      () => true,
      () => false,
    )
    if (isThere) return join(folder, name)
  }
  return undefined
}

/**
 * Waits until `isReady`. Throws StartError if the program exits before, or takes too long. If
 * `signal` aborts, ends the program and rejects.
 */
export async function untilReady(
  run: Run,
  isReady: () => Promise<boolean>,
  options: { readonly failure: string; readonly withinMs: number; readonly signal: AbortSignal },
): Promise<void> {
  let hasEnded = false
  const noteEnd = () => {
    hasEnded = true
  }
  run.ended.then(noteEnd, noteEnd)
  const deadline = performance.now() + options.withinMs
  while (!(await isReady())) {
    const isLate = performance.now() > deadline
    if (isLate || options.signal.aborted) await run.stop()
    options.signal.throwIfAborted()
    if (hasEnded || isLate) throw new StartError(options.failure)
    await new Promise((next) => setTimeout(next, 25))
  }
}
