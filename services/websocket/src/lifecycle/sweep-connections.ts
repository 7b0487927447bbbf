import { CloseCode } from '@sotto/wire'
import type { Connection } from '../connections/connection.ts'
import type { WebsocketConfig } from '../settings.ts'

/** Checks the deadlines of every connection: one pass for all instead of timers for each. */
export function createSweep(config: WebsocketConfig, connections: Iterable<Connection>) {
  let sweptAt = performance.now()

  return (now: number) => {
    const wallNow = Date.now()
    // A process that was suspended could not hear its peers, even if they sent something.
    const deafMs = Math.max(0, now - sweptAt - config.sweepEveryMs)
    sweptAt = now
    for (const connection of connections) {
      connection.extendDeadlines(deafMs, now)
      if (connection.isClosing || connection.socket.isPaused) continue
      if (!connection.isReady) closeIfLate(config, connection, now)
      else if (wallNow >= connection.expiresAt + config.expiryGraceMs) endToken(connection)
      else checkSilence(config, connection, now)
    }
  }
}

function closeIfLate(config: WebsocketConfig, connection: Connection, now: number) {
  if (now - connection.openedAt >= config.authenticateWithinMs) endToken(connection)
}

function endToken(connection: Connection) {
  connection.refuse('unauthenticated')
  connection.close(CloseCode.unauthenticated)
}

/**
 * Asks a silent peer once, with a WebSocket ping. Browsers answer it even in a background tab, in
 * which no script can send the `ping` frame in time.
 */
function checkSilence(config: WebsocketConfig, connection: Connection, now: number) {
  const silentMs = now - connection.heardAt
  if (silentMs >= config.silentAfterMs) {
    connection.close(CloseCode.heartbeatMissed)
  } else if (silentMs >= config.pingAfterMs && !connection.isPinged) {
    connection.isPinged = true
    connection.socket.ping()
  }
}
