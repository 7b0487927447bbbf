import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import {
  type Actor,
  CloseCode,
  type ConversationId,
  type EnvelopeId,
  type ErrorCode,
  type ErrorDetails,
  type ServerFrame,
} from '@sotto/wire'
import { WebSocket } from 'ws'
import type { Allowance } from '../rate.ts'
import { textFrame } from './text-frame.ts'

/** The parts that all connections of a service share. */
export interface ConnectionOwner {
  readonly maxBufferedBytes: number
  /** Called once, when the connection stops sending and receiving. */
  leave(connection: Connection): void
}

/** By conversation: the first envelope of a connection that was temporarily refused and not resent. */
export type FirstRefused = Map<ConversationId, { readonly id: EnvelopeId; readonly place: number }>

/**
 * A live WebSocket of one device. Kept small because there are many: it has no timer, and rarely
 * used parts are created on demand.
 */
export class Connection {
  readonly socket: WebSocket
  readonly address: string
  openedAt: number
  /** When anything last arrived, by the monotonic clock. */
  heardAt: number
  /**
   * How many frames have arrived, and thus the number of the latest one. Error answers contain it.
   */
  frames = 0
  isPinged = false
  isVerifying = false
  isClosing = false

  /** The account and device that it speaks for, once a token was verified. */
  actor: Actor | undefined
  /** Whether `authenticated` was sent. From then on, it may send and receives pushes. */
  isReady = false
  /** When its token expires, by the wall clock. */
  expiresAt = 0

  allowance: Allowance | undefined
  malformed: Allowance | undefined
  excess: Allowance | undefined
  /** See "order across a refusal" in retry-order.ts. */
  firstRefused: FirstRefused | undefined
  /** Envelopes that arrived so far. */
  envelopes = 0

  readonly #stream: Duplex
  readonly #owner: ConnectionOwner

  constructor(owner: ConnectionOwner, socket: WebSocket, stream: Duplex, address: string) {
    this.#owner = owner
    this.socket = socket
    this.#stream = stream
    this.address = address
    this.openedAt = performance.now()
    this.heardAt = this.openedAt
  }

  /** Extends its deadlines by a period in which the service did not listen to it. */
  extendDeadlines(deafMs: number, now: number) {
    this.openedAt = Math.min(now, this.openedAt + deafMs)
    this.heardAt = Math.min(now, this.heardAt + deafMs)
  }

  send(frame: ServerFrame) {
    this.write(textFrame(JSON.stringify(frame)))
  }

  /**
   * Sends bytes of `textFrame`. If the unread data of the peer exceeds the limit, it is
   * disconnected: it can catch up from the log, and our memory is not its buffer.
   */
  write(frame: Buffer) {
    if (this.isClosing || this.socket.readyState !== WebSocket.OPEN) return
    const waiting = this.#stream.writableLength
    if (waiting > 0 && waiting + frame.length > this.#owner.maxBufferedBytes) {
      this.close(CloseCode.tooSlow)
    } else {
      this.#stream.write(frame)
    }
  }

  /** Sends an error; `details.frame` is the number of the frame that caused it, if one did. */
  refuse(code: ErrorCode, details?: ErrorDetails) {
    this.send(details ? { type: 'error', code, details } : { type: 'error', code })
  }

  /** Stops sending and receiving immediately. The socket closes when the peer answers or the time limit passes. */
  close(code: number) {
    if (this.isClosing) return
    this.isClosing = true
    this.#owner.leave(this)
    // A paused socket would not read the answer.
    if (this.socket.isPaused) this.socket.resume()
    this.socket.close(code)
  }

  /** Records that the socket is closing or closed, whichever side started it. */
  ended() {
    if (this.isClosing) return
    this.isClosing = true
    this.#owner.leave(this)
  }

  async [Symbol.asyncDispose]() {
    this.close(CloseCode.serviceRestart)
    if (this.socket.readyState !== WebSocket.CLOSED) await once(this.socket, 'close')
  }
}
