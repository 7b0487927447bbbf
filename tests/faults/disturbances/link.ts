import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** What a link does to bytes. It starts as `clear`. */
export type LinkState = 'clear' | 'cut' | 'silent'

/**
 * A TCP link that can be broken: cut (connections end, and new ones are refused), or silent (they stay open but nothing
 * passes, as if the other end had become unreachable). TCP ensures that bytes on a connection are never changed, lost
 * or reordered.
 */
export class Link {
  readonly port: number
  /** The delay in each direction, in milliseconds. */
  delayMs = 0
  /** How many bytes per second pass from the far end, on average; unlimited by default. */
  bytesPerSecond = Number.POSITIVE_INFINITY
  readonly #server: ReturnType<typeof createServer>
  readonly #target: { readonly host: string; readonly port: number }
  readonly #pairs = new Set<readonly [Socket, Socket]>()
  #state: LinkState = 'clear'

  /** A link to `port` that listens on `at`, or on a free port by default. */
  static async to(port: number, host = '127.0.0.1', at = 0): Promise<Link> {
    const server = createServer()
    await once(server.listen(at, '127.0.0.1'), 'listening')
    return new Link(server, { host, port })
  }

  private constructor(
    server: ReturnType<typeof createServer>,
    target: { host: string; port: number },
  ) {
    this.#server = server
    this.#target = target
    this.port = (server.address() as AddressInfo).port
    server.on('connection', (socket) => this.#open(socket))
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`
  }

  get connections(): number {
    return this.#pairs.size
  }

  /** Lets everything pass immediately again. */
  hurry(): void {
    this.bytesPerSecond = Number.POSITIVE_INFINITY
    this.set('clear')
  }

  set(state: LinkState): void {
    this.#state = state
    for (const pair of this.#pairs) {
      const isBroken = state !== 'silent' && pair.some(({ destroyed }) => destroyed)
      for (const socket of pair) {
        if (state === 'cut' || isBroken) socket.destroy()
        else if (state === 'silent') socket.pause()
        else socket.resume()
      }
    }
  }

  /** Silences open connections for good; new ones behave like the link. */
  silenceOpen(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.pause()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy()
    await new Promise((done) => this.#server.close(done))
  }

  #open(near: Socket): void {
    if (this.#state === 'cut') return void near.destroy()
    const far = connect(this.#target.port, this.#target.host)
    const pair = [near, far] as const
    this.#pairs.add(pair)
    this.#join(near, far, pair)
    this.#join(far, near, pair)
    far.on('data', (bytes) => this.#waitAfter(bytes.length, far))
    if (this.#state === 'silent') for (const socket of pair) socket.pause()
  }

  #join(from: Socket, to: Socket, pair: readonly [Socket, Socket]): void {
    const pass = this.#delayed()
    from.on('data', (bytes) => pass(() => to.writable && to.write(bytes)))
    // While the link is silent, neither side learns that the other has closed.
    from.on('end', () => pass(() => to.end()))
    from.on('error', () => from.destroy())
    from.on('close', () => {
      if (to.destroyed) this.#pairs.delete(pair)
      if (this.#state !== 'silent') pass(() => to.destroy())
    })
  }

  /** Runs actions one after the other, each delayed by the delay at the time it was added. */
  #delayed(): (act: () => void) => void {
    let last = Promise.resolve()
    let waiting = 0
    return (act) => {
      if (this.delayMs === 0 && waiting === 0) return act()
      const due = performance.now() + this.delayMs
      waiting += 1
      last = last.then(async () => {
        await sleep(due - performance.now())
        waiting -= 1
        act()
      })
    }
  }

  /** Resumes reading from the far end once these bytes have had their time to pass. */
  #waitAfter(bytes: number, far: Socket): void {
    if (this.bytesPerSecond === Number.POSITIVE_INFINITY) return
    far.pause()
    setTimeout(() => this.#state !== 'silent' && far.resume(), (1000 * bytes) / this.bytesPerSecond)
  }
}
