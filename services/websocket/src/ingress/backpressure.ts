import type { Connection } from '../connections/connection.ts'

/**
 * Stops reading from devices that send faster than the chat service accepts, so that the backlog
 * stays in their sockets and not in our memory.
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

  /** Resumes reading if there is room again. */
  relieve() {
    if (this.#paused.size === 0 || this.#isFull()) return
    const now = performance.now()
    for (const connection of this.#paused) {
      // The device was not silent; the service was not listening.
      connection.heardAt = now
      if (!connection.isClosing) connection.socket.resume()
    }
    this.#paused.clear()
  }
}
