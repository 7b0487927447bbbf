import { randomInt } from 'node:crypto'
import { portRefusal } from '@sotto/all-in-one'

const host = '127.0.0.1'
// Below those that Linux gives to outgoing connections, which would take it while its program starts.
const lowest = 12_000
const highest = 32_000

/** A port that nobody listens on right now. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(lowest, highest)
    if ((await portRefusal({ host, port })) === undefined) return port
  }
}
