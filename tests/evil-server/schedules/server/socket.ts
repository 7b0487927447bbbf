type Listener = (event: { data?: unknown; code?: number }) => void

const CONNECTING = 0
const OPEN = 1
const CLOSED = 3

/** The device's end of a connection. Like a real one, it reports events one turn later. */
export class FakeSocket {
  readyState = CONNECTING
  readonly #sent: (text: string) => void
  readonly #closed: () => void
  readonly #listeners = new Map<string, Listener[]>()

  constructor(sent: (text: string) => void, closed: () => void) {
    this.#sent = sent
    this.#closed = closed
  }

  addEventListener(name: string, listener: Listener): void {
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener])
  }

  send(text: string): void {
    queueMicrotask(() => {
      if (this.readyState === OPEN) this.#sent(text)
    })
  }

  close(): void {
    if (this.readyState === CLOSED) return
    this.readyState = CLOSED
    this.#closed()
  }

  open(): void {
    queueMicrotask(() => {
      if (this.readyState !== CONNECTING) return
      this.readyState = OPEN
      this.#tell('open', {})
    })
  }

  /** Delivers a frame, or text that is not a frame. */
  deliver(frame: unknown): void {
    const data = typeof frame === 'string' ? frame : JSON.stringify(frame)
    queueMicrotask(() => {
      if (this.readyState === OPEN) this.#tell('message', { data })
    })
  }

  /** The server or the network closes it. */
  end(code: number): void {
    queueMicrotask(() => {
      if (this.readyState === CLOSED) return
      this.readyState = CLOSED
      this.#tell('close', { code })
    })
  }

  #tell(name: string, event: Parameters<Listener>[0]): void {
    for (const listener of this.#listeners.get(name) ?? []) listener(event)
  }
}
