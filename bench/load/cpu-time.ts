import { readdir, readFile } from 'node:fs/promises'

const TICKS_PER_SECOND = 100

interface ProcessTime {
  readonly pid: number
  readonly parent: number
  readonly ticks: number
}

/** The CPU time that all processes below `pid` have used, itself not counted. Linux only. */
export async function cpuSecondsBelow(pid: number): Promise<number> {
  const all = (await Promise.all((await readdir('/proc')).filter(isPid).map(read))).flat()
  const below = new Set([pid])
  // A parent may come after its child in the list, so until nothing is added.
  for (let before = 0; before < below.size; ) {
    before = below.size
    for (const one of all) if (below.has(one.parent)) below.add(one.pid)
  }
  const ticks = all
    .filter((one) => one.pid !== pid && below.has(one.pid))
    .reduce((sum, one) => sum + one.ticks, 0)
  return ticks / TICKS_PER_SECOND
}

const isPid = (name: string) => /^\d+$/.test(name)

/** Fields of `/proc/PID/stat`, counted behind the name, which may hold anything. */
async function read(pid: string): Promise<ProcessTime[]> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  if (text === undefined) return []
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [parent, user, system, waitedUser, waitedSystem] = [1, 11, 12, 13, 14].map((index) =>
    Number(fields[index]),
  )
  const ticks = (user ?? 0) + (system ?? 0) + (waitedUser ?? 0) + (waitedSystem ?? 0)
  return [{ pid: Number(pid), parent: parent ?? 0, ticks }]
}
