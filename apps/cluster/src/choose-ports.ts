import { randomInt } from 'node:crypto'
import { portRefusal } from '@sotto/all-in-one'
import { StartError } from '@sotto/service-runtime'
import type { ClusterConfig } from './config.ts'

export type Ports = ClusterConfig['wantedPorts']

const host = '127.0.0.1'
// Below those that Linux gives to outgoing connections: one of these would be taken by somebody else
// while the part that listens on it is being started again.
const lowest = 12_000
const highest = 22_000
const tries = 200
const patienceMs = 5_000

/** Replaces every 0 by a free port. Throws StartError for a port that somebody else listens on. */
export async function choosePorts(wanted: Ports): Promise<Ports> {
  const chosen = new Set<number>()
  const choose = async (port: number, name: string) => {
    const found = port === 0 ? await freePort(chosen) : await refuseTaken(port, name)
    chosen.add(found)
    return found
  }
  const ports: Record<string, unknown> = {}
  for (const [name, port] of Object.entries(wanted)) {
    ports[name] =
      typeof port === 'number'
        ? await choose(port, name)
        : {
            port: await choose(port.port, name),
            internal: await choose(port.internal, `${name}, internally`),
          }
  }
  return ports as Ports
}

async function freePort(chosen: ReadonlySet<number>): Promise<number> {
  for (let n = 0; n < tries; n += 1) {
    const port = randomInt(lowest, highest)
    if (!chosen.has(port) && (await portRefusal({ host, port })) === undefined) return port
  }
  throw new StartError('There is no free port on this machine.')
}

/** Waits a little for a cluster that is ending. */
async function refuseTaken(port: number, name: string): Promise<number> {
  const code = await portRefusal({ host, port }, patienceMs)
  if (code === undefined) return port
  if (code === 'EADDRINUSE') {
    throw new StartError(
      `Port ${port} (${name}) is taken. End the program that uses it, or choose another one: npm run cluster -- help lists the variables.`,
    )
  }
  throw new StartError(`Port ${port} (${name}) cannot be listened on (${code}).`)
}
