import { once } from 'node:events'
import type { NewEnvelope, ServerFrame } from '@sotto/wire'
import { shardOf, WEBSOCKET_PATH } from '@sotto/wire'
import { WebSocket } from 'ws'
import type { Account } from './accounts.ts'
import type { Topology } from './topology.ts'

/** The generator's socket options. Random masks would cost it more than sending. */
export const socketOptions = {
  perMessageDeflate: false,
  skipUTF8Validation: true,
  generateMask: (mask: Buffer) => mask.fill(0x55),
}

/** An authenticated live connection of a device. */
export class Device {
  readonly account: Account
  readonly #socket: WebSocket
  /** Called for each frame. */
  onFrame: (frame: ServerFrame) => void = () => {}
  /** Called if the connection ends unexpectedly. */
  onEnd: (code: number) => void = (code) => {
    throw new Error(`The connection was closed with ${code}`)
  }

  /** Connects and authenticates. */
  static async connect({ origin }: Topology, account: Account): Promise<Device> {
    const url = `${origin.replace(/^http/, 'ws')}${WEBSOCKET_PATH}`
    // Like the cookie that a browser gets at log-in: NGINX uses it to choose the instance.
    const headers = { cookie: `sotto-shard=${shardOf(account.accountId)}` }
    const socket = new WebSocket(url, { ...socketOptions, headers })
    await once(socket, 'open')
    const device = new Device(account, socket)
    const authenticated = new Promise<void>((resolve, reject) => {
      device.onFrame = ({ type }) => {
        if (type === 'authenticated') resolve()
        else reject(new Error(`Authentication failed: ${type}`))
      }
      device.onEnd = (code) => reject(new Error(`Authentication failed: ${code}`))
    })
    socket.send(JSON.stringify({ type: 'authenticate', token: account.token }))
    await authenticated
    device.onFrame = () => {}
    device.onEnd = (code) => {
      throw new Error(`The connection was closed with ${code}`)
    }
    return device
  }

  private constructor(account: Account, socket: WebSocket) {
    this.account = account
    this.#socket = socket
    socket.on('message', (data: Buffer) => this.onFrame(JSON.parse(data.toString('latin1'))))
    socket.on('close', (code) => this.onEnd(code))
    socket.on('error', () => {})
  }

  /** Sends one envelope in a separate frame. The fields must not need escaping. */
  send({ id, conversationId, ciphertext }: Omit<NewEnvelope, 'kind'>): void {
    this.#socket.send(
      `{"type":"send","envelopes":[{"id":"${id}","conversationId":"${conversationId}","kind":"message","ciphertext":"${ciphertext}"}]}`,
    )
  }

  async close(): Promise<void> {
    this.onEnd = () => {}
    if (this.#socket.readyState === WebSocket.CLOSED) return
    const closed = once(this.#socket, 'close')
    this.#socket.close()
    await closed
  }
}
