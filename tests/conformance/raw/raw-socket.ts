import { once } from 'node:events'
import { type ClientFrame, ServerFrame, WEBSOCKET_PATH } from '@sotto/wire'
import { WebSocket } from 'ws'

const WITHIN_MS = 10_000

type FrameOf<T extends ServerFrame['type']> = Extract<ServerFrame, { type: T }>

/** A frame as sent on the wire. */
export interface RawFrame {
  readonly direction: 'to the server' | 'to the device'
  readonly frame: unknown
}

/** A bare WebSocket that stores the frames it receives, each checked against its schema. */
export class RawSocket implements Disposable {
  readonly #socket: WebSocket
  readonly #received: ServerFrame[] = []
  readonly #onFrame: (frame: RawFrame) => void
  #arrived: () => void = () => {}
  #closeCode: number | undefined
  #failure: Error | undefined

  /** Connects without authenticating. `onFrame` gets every frame that is sent, and every one that `next` returns. */
  static async open(origin: string, onFrame: (frame: RawFrame) => void = () => {}) {
    const socket = new WebSocket(origin.replace('http', 'ws') + WEBSOCKET_PATH, {
      perMessageDeflate: false,
    })
    const opened = new RawSocket(socket, onFrame)
    await once(socket, 'open')
    return opened
  }

  private constructor(socket: WebSocket, onFrame: (frame: RawFrame) => void) {
    this.#socket = socket
    this.#onFrame = onFrame
    socket.on('message', (data) => this.#receive(String(data)))
    socket.on('close', (code) => {
      this.#closeCode = code
      this.#arrived()
    })
    socket.on('error', () => {})
  }

  send(frame: ClientFrame | object): void {
    this.#onFrame({ direction: 'to the server', frame })
    this.#socket.send(JSON.stringify(frame))
  }

  /** Sends text or bytes unchanged. */
  sendRaw(data: string | Uint8Array): void {
    this.#socket.send(data)
  }

  /** The next frame of this type that `isRight` accepts; frames of other types stay for later. */
  async next<T extends ServerFrame['type']>(
    type: T,
    isRight: (frame: FrameOf<T>) => boolean = () => true,
  ): Promise<FrameOf<T>> {
    const fits = (frame: ServerFrame): frame is FrameOf<T> =>
      frame.type === type && isRight(frame as FrameOf<T>)
    const deadline = Date.now() + WITHIN_MS
    for (;;) {
      if (this.#failure) throw this.#failure
      const at = this.#received.findIndex(fits)
      const [frame] = at >= 0 ? this.#received.splice(at, 1) : []
      if (frame) {
        this.#onFrame({ direction: 'to the device', frame })
        return frame as FrameOf<T>
      }
      await this.#wait(`a frame ${type}`, deadline)
    }
  }

  /** The code with which the server closes the connection. */
  async closeCode(withinMs = WITHIN_MS): Promise<number> {
    const deadline = Date.now() + withinMs
    while (this.#closeCode === undefined) await this.#wait('the end of the connection', deadline)
    return this.#closeCode
  }

  /** Frames of one type that have been received but not consumed. */
  waiting<T extends ServerFrame['type']>(type: T): FrameOf<T>[] {
    return this.#received.filter((frame): frame is FrameOf<T> => frame.type === type)
  }

  /** All frames that have been received but not consumed. */
  unread(): readonly ServerFrame[] {
    return this.#received
  }

  [Symbol.dispose](): void {
    this.#socket.terminate()
  }

  #receive(text: string): void {
    const frame = ServerFrame.safeParse(JSON.parse(text))
    if (frame.success) this.#received.push(frame.data)
    else this.#failure = new Error(`a frame that matches no schema: ${text.slice(0, 300)}`)
    this.#arrived()
  }

  async #wait(what: string, deadline: number): Promise<void> {
    const arrived = new Promise<void>((done) => {
      this.#arrived = done
    })
    const left = deadline - Date.now()
    const isEnded = what.startsWith('a frame') && this.#closeCode !== undefined
    if (left <= 0 || isEnded) {
      const types = this.#received.map(({ type }) => type).join(', ')
      throw new Error(`timed out waiting for ${what}; closed: ${this.#closeCode}; there: ${types}`)
    }
    const timer = setTimeout(() => this.#arrived(), left)
    await arrived
    clearTimeout(timer)
  }
}
