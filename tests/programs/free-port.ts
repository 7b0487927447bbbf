import { randomInt } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { portRefusal } from '@sotto/all-in-one'
import { isAlive } from '@sotto/local-postgres'

const host = '127.0.0.1'
// Below the range for outgoing connections, which could take the port while its program starts, and
// above the ports that a cluster chooses for its parts.
const lowest = 22_000
const highest = 32_000

/** One file per port, with the id of the test process that has reserved it. */
const taken = join(tmpdir(), 'sotto-test-ports')

/** A port without a listener that no other running test has reserved. */
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
