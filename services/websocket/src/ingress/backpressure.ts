import type { Connection } from '../connections/connection.ts'

/**
 * Stops reading from devices that send faster than the chat service takes, so that what waits for it
 * waits in their sockets and not in our memory.
 */
export class Backpressure {
  readonly #isFull: () => boolean
  readonly #paused = new Set<Connection>()

  constructor(isFull: () => boolean) {
    this.#isFull = isFull
  }

  pauseIfFull(connection: Connection) {
    if (connection.isClosing || !this.#isFull()) return
    connection.socket.pause()
    this.#paused.add(connection)
  }

  /** Reads on if there is room again. */
  relieve() {
    if (this.#paused.size === 0 || this.#isFull()) return
    const now = performance.now()
    for (const connection of this.#paused) {
      // It was not silent, it was not listened to.
      connection.heardAt = now
      if (!connection.isClosing) connection.socket.resume()
    }
    this.#paused.clear()
  }
}
