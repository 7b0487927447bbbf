import type { ClientSocket, CreateWebSocket } from '@sotto/sdk'

const MAX_KEPT = 60

/**
 * Records the latest traffic between a device and the server, for the message of a test that timed
 * out.
 */
export class Happenings {
  readonly #lines: string[] = []

  get last(): readonly string[] {
    return this.#lines
  }

  /** A `fetch` that records requests and answers without bodies. */
  fetch(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
    return async (...request) => {
      const [address, options] = request
      const { pathname, search } = new URL(String(address))
      const line = `${options?.method ?? 'GET'} ${pathname}${search}`
      this.#note(line)
      try {
        const response = await fetch(...request)
        this.#note(`${line} → ${response.status}`)
        return response
      } catch (error) {
        this.#note(`${line} → ${error}`)
        throw error
      }
    }
  }

  /** The same for sockets: the types of their frames, and how they end. */
  createWebSocket(create: CreateWebSocket): CreateWebSocket {
    return (url) => {
      const socket: ClientSocket = create(url)
      this.#note('socket: made')
      socket.addEventListener('open', () => this.#note('socket: open'))
      socket.addEventListener('close', ({ code }) => this.#note(`socket: closed with ${code}`))
      socket.addEventListener('message', ({ data }) => {
        const [, type = '?'] = /"type":"(\w+)"/.exec(String(data)) ?? []
        this.#note(`socket: received ${type}`)
      })
      return socket
    }
  }

  #note(line: string): void {
    this.#lines.push(`${new Date().toISOString().slice(14, 23)} ${line}`)
    if (this.#lines.length > MAX_KEPT) this.#lines.shift()
  }
}
