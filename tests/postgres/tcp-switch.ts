import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** A TCP address that leads to a port of this machine, and can be redirected to another port. */
export class TcpSwitch {
  readonly port: number
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #target: number | undefined

  static async to(target: number): Promise<TcpSwitch> {
    const server = createServer()
    await once(server.listen(0, '127.0.0.1'), 'listening')
    return new TcpSwitch(server, target)
  }

  private constructor(server: Server, target: number) {
    this.#server = server
    this.#target = target
    this.port = (server.address() as AddressInfo).port
    server.on('connection', (socket) => this.#open(socket))
  }

  /** Closes every connection. New ones go to `target`, or are refused if it is undefined. */
  turnTo(target: number | undefined): void {
    this.#target = target
    for (const socket of this.#sockets) socket.destroy()
  }

  async close(): Promise<void> {
    this.turnTo(undefined)
    await new Promise((done) => this.#server.close(done))
  }

  #open(near: Socket): void {
    if (this.#target === undefined) return void near.destroy()
    const far = connect(this.#target, '127.0.0.1')
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from)
      from.pipe(to)
      from.on('error', () => from.destroy())
      from.on('close', () => {
        this.#sockets.delete(from)
        to.destroy()
      })
    }
  }
}
