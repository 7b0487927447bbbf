import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { systemCode } from '@sotto/service-runtime'

/** Runs a program until it exits and returns its output; throws if it fails. */
export async function run(program: string, args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args)
  return stdout
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    // EPERM: the process exists but belongs to another user.
    return systemCode(error) === 'EPERM'
  }
  return !isZombie(pid)
}

/**
 * The process has exited but its status was not collected. In a container without an init process,
 * it stays like that.
 */
function isZombie(pid: number): boolean {
  if (process.platform !== 'linux') return false
  try {
    return /^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return true
  }
}

/**
 * The parent and command line of a process, each argument followed by a space; undefined if the
 * process does not exist.
 */
export async function describeProcess(
  pid: number,
): Promise<{ parent: number; command: string } | undefined> {
  try {
    if (process.platform !== 'linux') return await describeByPs(pid)
    const status = await readFile(`/proc/${pid}/status`, 'utf8')
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8')
    const parent = Number(/^PPid:\s*(\d+)$/m.exec(status)?.[1])
    return { parent, command: command.replaceAll('\0', ' ') }
  } catch {
    return undefined
  }
}

async function describeByPs(pid: number) {
  const line = await run('ps', ['-ww', '-o', 'ppid=', '-o', 'args=', '-p', String(pid)])
  const [, parent, command] = /^\s*(\d+)\s+(.*)$/.exec(line.trim()) ?? []
  return command === undefined ? undefined : { parent: Number(parent), command: `${command} ` }
}

/** The processes whose working directory is `folder`. On systems without /proc, none are found. */
export async function processesIn(folder: string): Promise<number[]> {
  if (process.platform !== 'linux') return []
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const folders = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => '')))
  return pids.filter((_, index) => folders[index] === folder).map(Number)
}

/** Calls `isDone` every `everyMs` until it returns true; false if it did not within `timeoutMs`. */
export async function waitUntil(
  isDone: () => boolean | Promise<boolean>,
  timeoutMs: number,
  everyMs = 50,
): Promise<boolean> {
  const deadline = performance.now() + timeoutMs
  while (!(await isDone())) {
    if (performance.now() > deadline) return false
    await sleep(everyMs)
  }
  return true
}
