import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { WEBSOCKET_PATH } from '@sotto/wire'

/** The headers of a valid handshake; tests omit or change some. */
export function handshake(headers: Record<string, string | undefined> = {}): string {
  const all: Record<string, string | undefined> = {
    Host: 'chat.example',
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
    ...headers,
  }
  return Object.entries(all)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')
}

/** A TCP connection that records what it receives. */
export class RawSocket {
  readonly socket: Socket
  readonly ended: Promise<unknown>
  received: Buffer = Buffer.alloc(0)

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('error', () => {})
    this.ended = once(socket, 'close')
    socket.on('data', (chunk) => {
      this.received = Buffer.concat([this.received, chunk])
    })
  }

  static async connect(port: number): Promise<RawSocket> {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    return new RawSocket(socket)
  }

  /** Sends an upgrade request and returns the status line and headers of the response. */
  async upgrade(path: string = WEBSOCKET_PATH, headers = handshake(), method = 'GET') {
    this.socket.write(`${method} ${path} HTTP/1.1\r\n${headers}\r\n`)
    while (!this.received.includes('\r\n\r\n')) {
      await Promise.race([once(this.socket, 'data'), this.ended])
      if (this.socket.destroyed) break
    }
    const end = this.received.indexOf('\r\n\r\n') + 4
    const head = this.received.subarray(0, end).toString()
    this.received = this.received.subarray(end)
    return { status: Number(head.split(' ')[1]), head }
  }

  /** Waits for the close frame and returns its code; skips other frames. */
  async closeCode(): Promise<number | undefined> {
    await this.ended
    let rest = this.received
    while (rest.length >= 2) {
      const short = (rest[1] ?? 0) & 0x7f
      const start = short < 126 ? 2 : short === 126 ? 4 : 10
      const length =
        short < 126 ? short : short === 126 ? rest.readUInt16BE(2) : Number(rest.readBigUInt64BE(2))
      if (((rest[0] ?? 0) & 0x0f) === 8) return rest.readUInt16BE(start)
      rest = rest.subarray(start + length)
    }
    return undefined
  }
}

/** A frame as a client sends it. A mask of zeros leaves the payload unchanged. */
export function clientFrame(payload: Buffer | string, { opcode = 1, isFinal = true } = {}): Buffer {
  const body = Buffer.from(payload)
  const length =
    body.length < 126
      ? Buffer.from([0x80 | body.length])
      : Buffer.from([0x80 | 126, body.length >> 8, body.length & 0xff])
  const first = Buffer.from([(isFinal ? 0x80 : 0) | opcode])
  return Buffer.concat([first, length, Buffer.alloc(4), body])
}
