import { setTimeout as sleep } from 'node:timers/promises'
import {
  type ConversationId,
  HEARTBEAT_SECONDS,
  type ServerFrame,
  type StoredEnvelope,
  WEBSOCKET_PATH,
} from '@sotto/wire'
import { WebSocket } from 'ws'
import { reconnectDelayMs } from '../../../packages/sdk/src/transport/reconnect-policy.ts'
import type { Ledger } from '../checker/ledger.ts'
import { LogFollower, pageReader, type ReadPage } from './follow-log.ts'
import type { SendInOrder } from './send-in-order.ts'

const ENTER_WITHIN_MS = 10_000
const READ_AGAIN_MS = 500
/** Longer than the server takes to give up on an undecided envelope. */
const DECIDED_WITHIN_MS = 12_000

export interface LightDeviceOptions {
  readonly name: string
  /** The server's origin, or a proxy's. */
  readonly origin: string
  readonly token: () => string
  readonly ledger: Ledger
  readonly random: () => number
}

/**
 * A device without encryption, so that there can be many: it speaks the protocol like the real client, reconnects by
 * the same rules, reads what it missed, and records in the ledger everything that it is promised and shows.
 */
export class LightDevice {
  readonly name: string
  /** How its connections ended. */
  readonly closeCodes: number[] = []
  /** When it was last authenticated, on the monotonic clock. */
  enteredAt = 0
  readonly #options: LightDeviceOptions
  readonly #read: ReadPage
  readonly #logs = new Map<ConversationId, LogFollower>()
  readonly #lines = new Map<ConversationId, SendInOrder>()
  #socket: WebSocket | undefined
  #isIn = false
  #isClosed = false
  #attempt = 0
  #beat: NodeJS.Timeout | undefined
  #stall: NodeJS.Timeout | undefined
  readonly #waking = new Set<SendInOrder>()

  constructor(options: LightDeviceOptions) {
    this.name = options.name
    this.#options = options
    this.#read = pageReader(options.origin, options.token)
    this.#connect()
  }

  get isOnline(): boolean {
    return this.#isIn
  }

  /** Whether everything it had to send has been decided. */
  get isIdle(): boolean {
    return [...this.#lines.values()].every(({ isEmpty }) => isEmpty)
  }

  /** Shows a conversation from its beginning. */
  follow(id: ConversationId): void {
    const { ledger } = this.#options
    this.#logs.set(
      id,
      new LogFollower(id, this.#read, (one) => ledger.show(this.name, id, shown(one))),
    )
    if (this.#isIn) void this.#catchUp(id)
  }

  /** Writes into a line from now on. */
  add(line: SendInOrder): void {
    this.#lines.set(line.line.conversationId, line)
  }

  /** A person writes another message in a conversation. */
  write(id: ConversationId): void {
    const line = this.#lines.get(id)
    if (!line) throw new Error(`${this.name} does not write in ${id}`)
    line.write()
    this.#sendMore(line)
  }

  /** Reads every log to its end; keeps trying while the server cannot be reached. */
  async catchUp(): Promise<void> {
    await Promise.all([...this.#logs.keys()].map((id) => this.#catchUp(id)))
  }

  /** Sends the server the current token, on the existing connection. */
  renew(): void {
    if (this.#isIn && this.#socket) {
      this.#send(this.#socket, { type: 'authenticate', token: this.#options.token() })
    }
  }

  /** Stops reading from the network, like an overwhelmed device. */
  pause(): void {
    this.#socket?.pause()
  }

  resume(): void {
    this.#socket?.resume()
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#beat)
    clearTimeout(this.#stall)
    this.#socket?.terminate()
  }

  #connect(): void {
    if (this.#isClosed) return
    const { origin } = this.#options
    const url = origin.replace(/^http/, 'ws') + WEBSOCKET_PATH
    const socket = new WebSocket(url, { perMessageDeflate: false, rejectUnauthorized: false })
    this.#socket = socket
    const tooLate = setTimeout(() => socket.terminate(), ENTER_WITHIN_MS)
    socket.on('open', () =>
      this.#send(socket, { type: 'authenticate', token: this.#options.token() }),
    )
    socket.on('message', (data) => {
      clearTimeout(tooLate)
      this.#received(socket, JSON.parse(String(data)) as ServerFrame)
    })
    socket.on('error', () => socket.terminate())
    socket.on('close', (code) => {
      clearTimeout(tooLate)
      this.#lost(code)
    })
  }

  #lost(code: number): void {
    this.#isIn = false
    clearTimeout(this.#beat)
    clearTimeout(this.#stall)
    this.#stall = undefined
    if (this.#isClosed) return
    this.closeCodes.push(code)
    const wait = reconnectDelayMs(this.#attempt, code, this.#options.random)
    this.#attempt += 1
    setTimeout(() => this.#connect(), wait)
  }

  #received(socket: WebSocket, frame: ServerFrame): void {
    this.#listen(socket)
    if (frame.type === 'authenticated' && !this.#isIn) this.#enter()
    else if (frame.type === 'envelopes') this.#pushed(frame.envelopes)
    else if (frame.type === 'verdicts') {
      clearTimeout(this.#stall)
      this.#stall = undefined
      for (const verdict of frame.verdicts) this.#lines.get(verdict.conversationId)?.decide(verdict)
      this.#sendAll()
    }
  }

  #enter(): void {
    this.#isIn = true
    this.#attempt = 0
    this.enteredAt = performance.now()
    for (const line of this.#lines.values()) line.reconnected()
    this.#sendAll()
    void this.catchUp()
  }

  /** Pings a silent server; if it stays silent, the connection is considered dead. */
  #listen(socket: WebSocket): void {
    clearTimeout(this.#beat)
    const half = HEARTBEAT_SECONDS * 250
    this.#beat = setTimeout(() => {
      this.#send(socket, { type: 'ping' })
      this.#beat = setTimeout(() => socket.terminate(), half)
    }, half)
  }

  #pushed(envelopes: readonly StoredEnvelope[]): void {
    for (const envelope of envelopes) {
      const log = this.#logs.get(envelope.conversationId)
      if (log?.apply(envelope)) void this.#catchUp(envelope.conversationId)
    }
  }

  async #catchUp(id: ConversationId): Promise<void> {
    while (!this.#isClosed) {
      try {
        return await this.#logs.get(id)?.catchUp()
      } catch {
        await sleep(READ_AGAIN_MS)
      }
    }
  }

  #sendAll(): void {
    for (const line of this.#lines.values()) this.#sendMore(line)
  }

  #sendMore(line: SendInOrder): void {
    const socket = this.#socket
    if (!this.#isIn || !socket) return
    const envelopes = line.take()
    if (envelopes.length > 0) this.#send(socket, { type: 'send', envelopes })
    if (!this.isIdle) this.#stall ??= setTimeout(() => socket.terminate(), DECIDED_WITHIN_MS)
    const wait = line.heldUntil - performance.now()
    if (wait <= 0 || this.#waking.has(line)) return
    this.#waking.add(line)
    setTimeout(() => {
      this.#waking.delete(line)
      this.#sendMore(line)
    }, wait + 1)
  }

  #send(socket: WebSocket, frame: object): void {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame))
  }
}

function shown({ seq, ciphertext }: StoredEnvelope) {
  return { seq, text: ciphertext.split(' ')[0] ?? '' }
}
