import { once } from 'node:events'
import { WebSocket } from 'ws'
import type { Sotto } from './topologies.ts'

const MIB = 1024 * 1024

/** The environment of a Node process whose memory can be inspected, only over the loopback interface. */
export const inspectable = { NODE_OPTIONS: '--inspect=127.0.0.1:0' } as const

/** The total heap of the processes that hold connections. */
export async function heldByAll(sotto: Pick<Sotto, 'websockets'>): Promise<number> {
  const held = (await sotto.websockets()).map(({ printed }) => heldMib(printed))
  return (await Promise.all(held)).reduce((sum, mib) => sum + mib, 0)
}

/**
 * How many MiB a Node process holds after garbage collection. Resident memory is less precise, because it includes
 * garbage. `printed` is the process's output; it must run with `inspectable`.
 */
export async function heldMib(printed: string): Promise<number> {
  const address = [...printed.matchAll(/Debugger listening on (ws:\S+)/g)].at(-1)?.[1]
  if (address === undefined) throw new Error('the process cannot be inspected')
  const socket = new WebSocket(address)
  await once(socket, 'open')
  const ask = async (id: number, method: string, params: object = {}) => {
    socket.send(JSON.stringify({ id, method, params }))
    for (;;) {
      const [data] = await once(socket, 'message')
      const answer = JSON.parse(String(data))
      if (answer.id === id) return answer.result
    }
  }
  // Twice: what finalizers release in the first round is collected in the second.
  await ask(1, 'HeapProfiler.collectGarbage')
  await ask(2, 'HeapProfiler.collectGarbage')
  const expression = 'const m = process.memoryUsage(); m.heapUsed + m.external'
  const { result } = await ask(3, 'Runtime.evaluate', { expression, replMode: true })
  socket.close()
  return result.value / MIB
}
