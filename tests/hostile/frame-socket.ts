import { once } from 'node:events'
import { WEBSOCKET_PATH } from '@sotto/wire'
import { WebSocket } from 'ws'

/** The received frames. */
interface Received {
  readonly frames: string[]
  /** How many of the sent frames they answer. */
  readonly answered: number
  readonly closeCode: number | undefined
}

function answersIn(text: string): number {
  const frame: { type: string; verdicts?: unknown[] } = JSON.parse(text)
  return frame.type === 'verdicts' ? (frame.verdicts?.length ?? 0) : 1
}

/** A raw WebSocket that sends anything, and records the answers. */
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

  /**
   * The frames that answer the next `count` sent ones, or fewer with the close code that arrived
   * instead. The verdicts of one tick come in one frame.
   */
  async receive(count: number): Promise<Received> {
    const frames: string[] = []
    let answered = 0
    while (answered < count) {
      const frame = this.#received.shift()
      if (frame !== undefined) {
        frames.push(frame)
        answered += answersIn(frame)
      } else if (this.#closeCode !== undefined) {
        break
      } else {
        await Promise.race([once(this.#socket, 'message'), once(this.#socket, 'close')])
      }
    }
    return { frames, answered, closeCode: this.#closeCode }
  }

  [Symbol.dispose](): void {
    this.#socket.terminate()
  }
}
