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

/** What all connections of a service share. */
export interface ConnectionOwner {
  readonly maxBufferedBytes: number
  /** Called once, at the moment from which the connection neither sends nor receives. */
  leave(connection: Connection): void
}

/**
 * One live WebSocket of one device. Small, because there are many: no timer of its own, and what only
 * few connections need is made when they need it.
 */
export class Connection {
  readonly socket: WebSocket
  readonly address: string
  openedAt: number
  /** When something last arrived, on the monotonic clock. */
  heardAt: number
  /** How many frames have arrived, so the number of the latest one. Error answers name it. */
  frames = 0
  isPinged = false
  isVerifying = false
  isClosing = false

  /** Who it speaks for, once a token was verified. */
  actor: Actor | undefined
  /** Whether it was told `authenticated`: from then on it may send and is pushed to. */
  isReady = false
  /** When its token ends, on the clock of the world. */
  expiresAt = 0

  allowance: Allowance | undefined
  malformed: Allowance | undefined
  excess: Allowance | undefined
  /** See "order across a refusal" in retry-order.ts. */
  firstRefused: Map<ConversationId, { id: EnvelopeId; until: number }> | undefined

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

  /** Moves its deadlines back by a time in which nobody listened to it. */
  extendDeadlines(deafMs: number, now: number) {
    this.openedAt = Math.min(now, this.openedAt + deafMs)
    this.heardAt = Math.min(now, this.heardAt + deafMs)
  }

  send(frame: ServerFrame) {
    this.write(textFrame(JSON.stringify(frame)))
  }

  /**
   * Sends bytes of `textFrame`. A peer that has not read what was sent before, beyond the limit, is
   * disconnected: it catches up from the log, and our memory is not its buffer.
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

  /** Stops sending and receiving at once; the socket follows when the peer answers or time is up. */
  close(code: number) {
    if (this.isClosing) return
    this.isClosing = true
    this.#owner.leave(this)
    // A paused socket would not read the answer.
    if (this.socket.isPaused) this.socket.resume()
    this.socket.close(code)
  }

  /** Notes that the socket is going or gone, whoever began it. */
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
