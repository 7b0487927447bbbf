import { once } from 'node:events'
import { WEBSOCKET_PATH } from '@sotto/wire'
import { WebSocket } from 'ws'

/** A bare WebSocket that sends anything, and keeps what comes back. */
export class FrameSocket implements Disposable {
  readonly #socket: WebSocket
  readonly #received: string[] = []
  #closeCode: number | undefined

  static async open(origin: string): Promise<FrameSocket> {
    const socket = new WebSocket(origin.replace('http', 'ws') + WEBSOCKET_PATH)
    const opened = new FrameSocket(socket)
    await once(socket, 'open')
    return opened
  }

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('message', (data) => this.#received.push(String(data)))
    socket.on('close', (code) => {
      this.#closeCode = code
    })
  }

  send(frame: unknown): void {
    this.#socket.send(JSON.stringify(frame))
  }

  /** The next `count` frames, or fewer with the code of the close that came instead. */
  async receive(count: number): Promise<{ frames: string[]; closeCode: number | undefined }> {
    while (this.#received.length < count && this.#closeCode === undefined) {
      const arrived = [once(this.#socket, 'message'), once(this.#socket, 'close')]
      await Promise.race(arrived)
    }
    return { frames: this.#received.splice(0, count), closeCode: this.#closeCode }
  }

  [Symbol.dispose](): void {
    this.#socket.terminate()
  }
}
