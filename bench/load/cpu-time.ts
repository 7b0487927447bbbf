import { readdir, readFile } from 'node:fs/promises'

const TICKS_PER_SECOND = 100
const PAGE_KIB = 4

interface ProcessUse {
  readonly pid: number
  readonly parent: number
  readonly program: string
  /** User and system time, including that of exited children. */
  readonly ticks: number
  readonly residentPages: number
}

/**
 * The CPU time in seconds of the processes `roots` and all their descendants, including exited
 * ones. Linux only; precise to 10 ms per process.
 */
export async function cpuSecondsOf(roots: readonly number[]): Promise<number> {
  const trees = await readTrees(roots)
  return trees.reduce((sum, { ticks }) => sum + ticks, 0) / TICKS_PER_SECOND
}

/** The same per program: Node, PostgreSQL, RabbitMQ's Erlang, NGINX. */
export async function cpuSecondsByProgram(
  roots: readonly number[],
): Promise<Record<string, number>> {
  const seconds: Record<string, number> = {}
  for (const { program, ticks } of await readTrees(roots)) {
    seconds[program] = (seconds[program] ?? 0) + ticks / TICKS_PER_SECOND
  }
  return seconds
}

/** The same without the roots themselves. */
export async function cpuSecondsBelow(root: number): Promise<number> {
  const trees = (await readTrees([root])).filter(({ pid }) => pid !== root)
  return trees.reduce((sum, { ticks }) => sum + ticks, 0) / TICKS_PER_SECOND
}

/** The processes `roots` and all their descendants. */
export async function pidsOf(roots: readonly number[]): Promise<readonly number[]> {
  return (await readTrees(roots)).map(({ pid }) => pid)
}

/** Resident memory in KiB of these processes without their descendants, by program. */
export async function residentKibByProgram(
  pids: readonly number[],
): Promise<Record<string, number>> {
  const kib: Record<string, number> = {}
  const uses = await Promise.all(pids.map((pid) => read(String(pid))))
  for (const { program, residentPages } of uses.flat()) {
    kib[program] = (kib[program] ?? 0) + residentPages * PAGE_KIB
  }
  return kib
}

async function readTrees(roots: readonly number[]): Promise<ProcessUse[]> {
  const all = (await Promise.all((await readdir('/proc')).filter(isPid).map(read))).flat()
  const inTree = new Set(roots)
  // A parent may come after its child in the list, so repeat until nothing is added.
  for (let before = 0; before < inTree.size; ) {
    before = inTree.size
    for (const one of all) if (inTree.has(one.parent)) inTree.add(one.pid)
  }
  return all.filter(({ pid }) => inTree.has(pid))
}

const isPid = (name: string) => /^\d+$/.test(name)

/** Fields of `/proc/PID/stat`, counted from the end of the name, which may contain anything. */
async function read(pid: string): Promise<ProcessUse[]> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  if (text === undefined) return []
  // Node's name for its main thread.
  const name = text.slice(text.indexOf('(') + 1, text.lastIndexOf(')'))
  const program = name === 'MainThread' ? 'node' : name
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
  const [parent = 0, user = 0, system = 0, waitedUser = 0, waitedSystem = 0, residentPages = 0] = [
    1, 11, 12, 13, 14, 21,
  ].map((index) => fields[index] ?? 0)
  const ticks = user + system + waitedUser + waitedSystem
  return [{ pid: Number(pid), parent, program, ticks, residentPages }]
}
