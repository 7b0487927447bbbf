import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** A bare TCP connection to a server, with the received data. */
export class RawConnection implements Disposable {
  readonly socket: Socket
  readonly openedAt = performance.now()
  /** When the server closed it, on the monotonic clock. */
  closedAt: number | undefined
  received = Buffer.alloc(0)

  static async open(origin: string): Promise<RawConnection> {
    const { hostname, port } = new URL(origin)
    const connection = new RawConnection(connect(Number(port), hostname))
    await once(connection.socket, 'connect')
    return connection
  }

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (data) => {
      this.received = Buffer.concat([this.received, data])
    })
    socket.on('error', () => {})
    for (const event of ['end', 'close']) {
      socket.on(event, () => {
        this.closedAt ??= performance.now()
      })
    }
  }

  /**
   * Sends `piece` repeatedly until the server closes the connection or time is up. Returns the
   * bytes sent.
   */
  async dribble(piece: () => string | Buffer, everyMs: number, withinMs: number): Promise<number> {
    const until = performance.now() + withinMs
    let sent = 0
    while (this.closedAt === undefined && performance.now() < until) {
      const bytes = Buffer.from(piece())
      this.socket.write(bytes)
      sent += bytes.length
      await sleep(everyMs)
    }
    return sent
  }

  /** Milliseconds from opening until the server closed it; infinite while it is open. */
  get livedMs(): number {
    return (this.closedAt ?? Number.POSITIVE_INFINITY) - this.openedAt
  }

  [Symbol.dispose](): void {
    this.socket.destroy()
  }
}

/** The request that asks for a WebSocket. */
export function upgradeRequest(origin: string, path: string): string {
  return [
    `GET ${path} HTTP/1.1`,
    `Host: ${new URL(origin).host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    '\r\n',
  ].join('\r\n')
}

/** A masked client frame with any declared length and payload. */
export function clientFrame(
  first: number,
  declaredLength: number,
  payload: Buffer = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(declaredLength < 126 ? 2 : 10)
  head[0] = first
  if (declaredLength < 126) head[1] = 0x80 | declaredLength
  else {
    head[1] = 0x80 | 127
    head.writeBigUInt64BE(BigInt(declaredLength), 2)
  }
  // A mask of zeros leaves the payload unchanged.
  return Buffer.concat([head, Buffer.alloc(4), payload])
}
