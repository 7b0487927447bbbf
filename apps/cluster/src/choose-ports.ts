import { randomInt } from 'node:crypto'
import { portRefusal } from '@sotto/all-in-one'
import { StartError } from '@sotto/service-runtime'
import type { ClusterConfig } from './config.ts'

export type Ports = ClusterConfig['wantedPorts']

const host = '127.0.0.1'
// Below the range that Linux uses for outgoing connections, one of which could otherwise take the
// port while its part is being restarted.
const lowest = 12_000
const highest = 22_000
const tries = 200
const patienceMs = 5_000

/** Replaces every 0 with a free port. Throws StartError if a port is already in use. */
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
  throw new StartError('No port is free on this machine.')
}

/** Waits briefly for a cluster that is stopping. */
async function refuseTaken(port: number, name: string): Promise<number> {
  const code = await portRefusal({ host, port }, patienceMs)
  if (code === undefined) return port
  if (code === 'EADDRINUSE') {
    throw new StartError(
      `Port ${port} (${name}) is in use. Stop the program that uses it, or choose another port: npm run cluster -- help lists the variables.`,
    )
  }
  throw new StartError(`Sotto cannot listen on port ${port} (${name}): ${code}.`)
}
