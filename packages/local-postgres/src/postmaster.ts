import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { StartError } from '@sotto/service-runtime'
import { describeProcess, isAlive, processesIn, waitUntil } from './system.ts'

const stopTimeoutMs = 30_000
const leaveTimeoutMs = 10_000
const ownerEndsMs = 5_000

/** The setting by which a postmaster tells which process started it. */
export const ownerSetting = (pid: number) => `sotto.owner_pid=${pid}`

/** What `postmaster.pid` says: the process, and whether it accepts connections. */
export async function readPidFile(
  cluster: string,
): Promise<{ pid: number; isReady: boolean } | undefined> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const lines = text.split('\n')
  return { pid: Number(lines[0]), isReady: lines[7]?.trim() === 'ready' }
}

/**
 * Makes sure that nothing runs on `cluster`. After `kill -9` of Sotto its PostgreSQL runs on: it is
 * shut down properly. One whose Sotto is alive is left alone, and a StartError is thrown.
 */
export async function clearCluster(cluster: string): Promise<void> {
  const known = await readPidFile(cluster)
  if (known === undefined) return
  if (await isPostmasterOf(cluster, known.pid)) {
    // One that is ending at this moment may take the time it needs.
    const isFree = await waitUntil(async () => !(await hasOwner(known.pid)), ownerEndsMs)
    if (!isFree) throw new StartError('Sotto is already running on this data folder.')
    await stopPostmaster(known.pid)
  }
  // Backends of a killed postmaster end by themselves; two generations must not write to one cluster.
  const isEmpty = await waitUntil(
    async () => (await processesIn(cluster)).length === 0,
    leaveTimeoutMs,
  )
  if (!isEmpty) throw new StartError(`Another process is using the database in ${cluster}.`)
  // The number in the file may by now belong to another program, which PostgreSQL would take for
  // a postmaster. Nobody works in the folder, so the file is a leftover.
  if (process.platform === 'linux') await rm(join(cluster, 'postmaster.pid'), { force: true })
}

/** Fast shutdown: transactions that are open are rolled back, everything committed is on disk. */
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

/** A postmaster whose starter died has another parent than the one it was told. */
async function hasOwner(pid: number): Promise<boolean> {
  const described = await describeProcess(pid)
  return described?.command.includes(` ${ownerSetting(described.parent)} `) ?? false
}
