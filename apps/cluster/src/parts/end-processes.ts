import { readdir, readlink } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

const END_WITHIN_MS = 10_000

/**
 * Ends the processes that a killed supervisor left behind, which all have `folder` as their working directory. On
 * systems without /proc none are found, and the port is then in use.
 */
export async function endProcessesIn(folder: string): Promise<void> {
  const left = await processesIn(folder)
  for (const pid of left) signal(pid, 'SIGTERM')
  const until = performance.now() + END_WITHIN_MS
  while ((await processesIn(folder)).length > 0 && performance.now() < until) await sleep(50)
  for (const pid of await processesIn(folder)) signal(pid, 'SIGKILL')
}

async function processesIn(folder: string): Promise<number[]> {
  const names = await readdir('/proc').catch(() => [])
  const pids = names.filter((name) => /^\d+$/.test(name))
  const folders = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => '')))
  return pids.filter((_, index) => folders[index] === folder).map(Number)
}

function signal(pid: number, name: NodeJS.Signals) {
  try {
    process.kill(pid, name)
  } catch {
    // The process has exited in the meantime.
  }
}
