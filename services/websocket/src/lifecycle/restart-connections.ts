import { CloseCode } from '@sotto/wire'
import type { Connection } from '../connections/connection.ts'

const STEP_MS = 50

/**
 * Closes the `connections` that get pushes with 1012, evenly over `spreadMs`. Their devices
 * reconnect and catch up with missed pushes, but not all at once.
 */
export function restartConnections(connections: Iterable<Connection>, spreadMs: number) {
  const left = [...connections].filter(({ isReady }) => isReady)
  const atATime = Math.ceil((left.length * STEP_MS) / Math.max(spreadMs, STEP_MS))
  const timer = setInterval(() => {
    for (const connection of left.splice(-atATime)) {
      if (!connection.isClosing) connection.close(CloseCode.serviceRestart)
    }
    if (left.length === 0) clearInterval(timer)
  }, STEP_MS)
  timer.unref()
}
