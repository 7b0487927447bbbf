import { execFileSync } from 'node:child_process'

/** A process and all its descendants. */
export function processTree(pid: number): number[] {
  const lines = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n')
  const pairs = lines.map((line) => line.trim().split(/\s+/).map(Number))
  const found = new Set([pid])
  for (let grown = 0; grown !== found.size; ) {
    grown = found.size
    for (const [child = 0, parent = 0] of pairs) if (found.has(parent)) found.add(child)
  }
  return [...found]
}
