import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { StartError, systemCode } from '@sotto/service-runtime'
import type { Place } from './place.ts'

/** Runs one of PostgreSQL's programs until it exits. Throws StartError if it fails. */
export async function runProgram(place: Place, program: string, args: string[]): Promise<void> {
  const child = spawnProgram(place, program, args, ['ignore', 'ignore', 'pipe'])
  let complaint = ''
  child.stderr?.on('data', (chunk) => {
    complaint += chunk
  })
  const code = await endOf(child)
  if (code !== 0) throw new StartError(`${program} failed: ${lastLine(complaint)}`)
}

export const hasEnded = (child: ChildProcess) =>
  child.exitCode !== null || child.signalCode !== null

/** Resolves to a program's exit status. Throws StartError if it could not be started. */
export async function endOf(child: ChildProcess): Promise<unknown> {
  try {
    const [code] = await once(child, 'close')
    return code
  } catch (error) {
    throw new StartError(`${child.spawnfile} cannot be run (${systemCode(error)}).`)
  }
}

/**
 * Starts one of PostgreSQL's programs as `place` specifies, in a separate process group: Ctrl-C
 * reaches only Sotto, which stops PostgreSQL last.
 */
export function spawnProgram(
  place: Place,
  program: string,
  args: string[],
  stdio: ['ignore', 'ignore' | number, 'pipe' | number],
): ChildProcess {
  const [command = '', ...rest] = [...place.prefix, join(place.binaries, 'bin', program), ...args]
  const env = { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }
  return spawn(command, rest, { ...place.user, cwd: '/', env, stdio, detached: true })
}

/** The line of a program's output that names the error. */
export function lastLine(text: string): string {
  const lines = text.trim().split('\n')
  const told = lines.findLast((line) => /(FATAL|PANIC|error|could not)/.test(line)) ?? lines.at(-1)
  return told?.replace(/^.*?(FATAL|PANIC|error): */, '') || 'without output'
}
