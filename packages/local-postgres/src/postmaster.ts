import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { StartError } from '@sotto/service-runtime'
import { describeProcess, isAlive, processesIn, waitUntil } from './system.ts'

const stopTimeoutMs = 30_000
const leaveTimeoutMs = 10_000
const ownerEndsMs = 5_000

/** The setting by which a postmaster records which process started it. */
export const ownerSetting = (pid: number) => `sotto.owner_pid=${pid}`

/** The content of `postmaster.pid`: the process id, and whether it accepts connections. */
export async function readPidFile(
  cluster: string,
): Promise<{ pid: number; isReady: boolean } | undefined> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const lines = text.split('\n')
  return { pid: Number(lines[0]), isReady: lines[7]?.trim() === 'ready' }
}

/**
 * Makes sure that nothing runs on `cluster`. After a `kill -9` of Sotto, its PostgreSQL continues
 * to run; it is shut down properly. If its Sotto is alive, it is left alone and a StartError is
 * thrown.
 */
export async function clearCluster(cluster: string): Promise<void> {
  const known = await readPidFile(cluster)
  if (known === undefined) return
  if (await isPostmasterOf(cluster, known.pid)) {
    // A Sotto that is currently stopping gets the time it needs.
    const isFree = await waitUntil(async () => !(await hasOwner(known.pid)), ownerEndsMs)
    if (!isFree) throw new StartError('Sotto is already running on this data folder.')
    await stopPostmaster(known.pid)
  }
  // Backends of a killed postmaster exit by themselves. Two generations must not write to one
  // cluster.
  const isEmpty = await waitUntil(
    async () => (await processesIn(cluster)).length === 0,
    leaveTimeoutMs,
  )
  if (!isEmpty) throw new StartError(`Another process is using the database in ${cluster}.`)
  // By now, the process id in the file may belong to another program, which PostgreSQL would
  // mistake for a postmaster. No process works in the folder, so the file is stale.
  if (process.platform === 'linux') await rm(join(cluster, 'postmaster.pid'), { force: true })
}

/** Fast shutdown: rolls back open transactions; everything committed is on disk. */
export async function stopPostmaster(pid: number): Promise<void> {
  if (!signal(pid, 'SIGINT')) return
  if (await waitUntil(() => !isAlive(pid), stopTimeoutMs)) return
  signal(pid, 'SIGQUIT')
  if (await waitUntil(() => !isAlive(pid), leaveTimeoutMs)) return
  throw new StartError(`PostgreSQL (process ${pid}) does not stop.`)
}

function signal(pid: number, name: 'SIGINT' | 'SIGQUIT'): boolean {
  try {
    return process.kill(pid, name)
  } catch {
    return false
  }
}

async function isPostmasterOf(cluster: string, pid: number): Promise<boolean> {
  if (!isAlive(pid)) return false
  if ((await processesIn(cluster)).includes(pid)) return true
  const described = await describeProcess(pid)
  return described?.command.includes(` -D ${cluster} `) ?? false
}

/** A postmaster whose starter died has a different parent than the one it recorded. */
async function hasOwner(pid: number): Promise<boolean> {
  const described = await describeProcess(pid)
  return described?.command.includes(` ${ownerSetting(described.parent)} `) ?? false
}
