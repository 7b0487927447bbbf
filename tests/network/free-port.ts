import { randomInt } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { portRefusal } from '@sotto/all-in-one'
import { isAlive } from '@sotto/local-postgres'

const host = '127.0.0.1'
// Below those that Linux gives to outgoing connections, which would take it while its program starts, and above
// those that a cluster chooses for its parts.
const lowest = 22_000
const highest = 32_000

/** One file per port, holding the id of the test process that has taken it. */
const taken = join(tmpdir(), 'sotto-test-ports')

/** A port that nobody listens on and that no other running test has been given. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(lowest, highest)
    if ((await portRefusal({ host, port })) === undefined && take(port)) return port
  }
}

function take(port: number): boolean {
  mkdirSync(taken, { recursive: true })
  const file = join(taken, `${port}`)
  try {
    writeFileSync(file, `${process.pid}`, { flag: 'wx' })
    return true
  } catch {
    if (isAlive(Number(readFileSync(file, 'utf8')))) return false
  }
  writeFileSync(file, `${process.pid}`)
  return true
}
