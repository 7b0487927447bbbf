import { once } from 'node:events'
import { connect } from 'node:net'

/**
 * Whether a process accepts connections at a port of this machine, or at the path of a local
 * socket.
 */
export async function acceptsConnections(at: number | string): Promise<boolean> {
  const socket = typeof at === 'number' ? connect(at, '127.0.0.1') : connect(at)
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
