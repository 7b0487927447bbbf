import { type ClientFrame, CloseCode, ServerFrame, WEBSOCKET_PATH } from '@sotto/wire'
import { ClientError, codeOf, mayPass } from '../api/errors.ts'
import { Timers } from '../scheduling/timers.ts'
import { CONNECTION, type ConnectionEvent, type ConnectionState } from './connection-states.ts'
import { Heartbeat } from './heartbeat.ts'
import { mayReconnect, reconnectDelayMs } from './reconnect-policy.ts'
import type { Tokens } from './tokens.ts'

/** The part of `WebSocket` that is used, in browsers and in Node 24. */
export type ClientSocket = Pick<WebSocket, 'send' | 'close' | 'addEventListener' | 'readyState'>
export type CreateWebSocket = (url: string) => ClientSocket

/** Reports when the network comes or goes, if the platform knows that. */
export type WatchNetwork = (onChange: (isOnline: boolean) => void) => () => void

/** The connection as an app may show it. */
export type LinkState = 'connecting' | 'online' | 'offline'

const LINK_STATES: Readonly<Record<ConnectionState, LinkState>> = {
  idle: 'offline',
  waiting: 'offline',
  getting_token: 'connecting',
  authenticating: 'connecting',
  online: 'online',
  closed: 'offline',
}

type Authenticated = Extract<ServerFrame, { type: 'authenticated' }>

export interface ConnectionDependencies {
  readonly origin: string
  readonly createWebSocket: CreateWebSocket
  readonly tokens: Tokens
  /** Proves to the server that this device belongs to the account; see `AccountContext`. */
  readonly proveLogIn: () => Promise<void>
  readonly random: () => number
  readonly now: () => number
  readonly watchNetwork: WatchNetwork
  /** Whether the server names this device and its account. */
  readonly isOwn: (named: Authenticated) => boolean
  /** The server's answer is invalid. It is asked again after the usual wait. */
  readonly onError: (error: unknown) => void
  /** The server has authenticated this device and accepts frames. */
  readonly onConnected: () => void
  /** The connection is dead, so this device's other connections may be, too. */
  readonly suspect: () => void
  readonly onDisconnected: () => void
  readonly onFrame: (frame: ServerFrame) => void
  /** Every frame in both directions, as it was sent. */
  readonly onTraffic: (
    direction: 'sent' | 'received',
    frame: ClientFrame | ServerFrame,
    text: string,
  ) => void
  readonly onSessionEnd: () => void
  readonly onChange: () => void
}

const OPEN = 1
const AUTHENTICATED_WITHIN_MS = 10_000
/** How long before the token expires the connection authenticates with the next one. */
const RENEW_BEFORE_MS = 45_000

/**
 * A device's single WebSocket, which reconnects by itself. `connection-states.ts` has its states.
 *
 * - It reconnects after every loss, with growing waits, until the session ends or it is closed.
 * - Events of an earlier token request or socket are ignored: each attempt is a link with a number.
 * - Frames are sent and passed on only while the server has authenticated this device.
 */
export class Connection {
  readonly #deps: ConnectionDependencies
  /** While `waiting`, for the next attempt; later, for the attempt and its socket. */
  readonly #timers = new Timers()
  readonly #unwatch: () => void
  #state: ConnectionState = CONNECTION.initial
  /** The number of the current link. Tokens and sockets of earlier ones are ignored. */
  #link = 0
  #socket: ClientSocket | undefined
  readonly #heartbeat = new Heartbeat(
    () => this.transmit({ type: 'ping' }),
    () => this.#silent(),
  )
  /** How many links were lost since the last one that was online. */
  #losses = 0

  constructor(deps: ConnectionDependencies) {
    this.#deps = deps
    this.#unwatch = deps.watchNetwork((isOnline) => this.#networkChanged(isOnline))
    this.reconnect()
  }

  get state(): LinkState {
    return LINK_STATES[this.#state]
  }

  /** The state in the table. */
  get exactState(): ConnectionState {
    return this.#state
  }

  /** Tries now instead of waiting for the next attempt. Does nothing while connected or connecting. */
  reconnect(): void {
    if (!this.#move('attempt')) return
    this.#timers.clear()
    const isCurrent = this.#currentLink()
    this.#open(isCurrent).catch((error: unknown) => {
      if (!isCurrent()) return
      if (codeOf(error) === 'refresh_refused') this.#leave('refused')
      else this.#lostBy(error)
    })
  }

  /** Drops a connection that looks alive but isn't, and connects again. */
  replace(): void {
    if (this.#state === 'online') this.#lost(0)
  }

  /** Sends a frame if there is a connection. */
  readonly transmit = (frame: ClientFrame): void => {
    if (this.#state === 'online') this.#send(frame)
  }

  close(): void {
    if (this.#leave('close')) this.#unwatch()
  }

  #networkChanged(isOnline: boolean): void {
    if (!isOnline) this.#silent()
    else if (this.#state === 'online') this.#heartbeat.ask()
    else this.reconnect()
  }

  async #open(isCurrent: () => boolean): Promise<void> {
    const token = await this.#deps.tokens.access()
    if (!isCurrent()) return
    this.#move('token')
    const url = new URL(WEBSOCKET_PATH, this.#deps.origin)
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
    const socket = this.#deps.createWebSocket(url.href)
    this.#socket = socket
    socket.addEventListener('open', () => {
      if (isCurrent()) this.#send({ type: 'authenticate', token })
    })
    socket.addEventListener('message', ({ data }) => {
      if (isCurrent()) this.#receive(data)
    })
    socket.addEventListener('error', () => {
      if (isCurrent()) this.#lost(0)
    })
    socket.addEventListener('close', ({ code }) => {
      if (isCurrent()) void this.#closed(code, token)
    })
    this.#timers.after(AUTHENTICATED_WITHIN_MS, () => {
      if (this.#state === 'authenticating') this.#silent()
    })
  }

  async #closed(code: number, token: string): Promise<void> {
    if (!mayReconnect(code)) {
      this.#leave('refused')
      // Renewing the token tells why, and ends the session with that reason.
      const isTold = await this.#deps.tokens.renew(token).then(
        () => false,
        (error: unknown) => codeOf(error) === 'refresh_refused',
      )
      if (!isTold && this.#state !== 'closed') this.#deps.onSessionEnd()
      return
    }
    this.#lost(code)
    if (code === CloseCode.notProven) await this.#proveLogIn()
    // The server refuses this token although it hasn't expired. If there is no other, `tokens` ends the session.
    if (code === CloseCode.unauthenticated) await this.#deps.tokens.renew(token).catch(() => {})
  }

  /** The next attempt still waits as usual, because the server may keep asking for the proof. */
  async #proveLogIn(): Promise<void> {
    try {
      await this.#deps.proveLogIn()
    } catch (error) {
      if (!mayPass(error) && this.#state !== 'closed') this.#deps.onError(error)
    }
  }

  #receive(data: unknown): void {
    this.#heartbeat.heard()
    if (typeof data !== 'string') return
    const frame = parseFrame(data)
    // This version doesn't know the frame. The log has everything that matters.
    if (!frame) return
    this.#deps.onTraffic('received', frame, data)
    if (frame.type === 'authenticated') this.#authenticated(frame)
    else if (frame.type !== 'pong' && this.#state === 'online') this.#deps.onFrame(frame)
  }

  #authenticated(frame: Authenticated): void {
    // Anything sent on this connection would be sent as someone else.
    if (!this.#deps.isOwn(frame)) {
      this.#lostBy(new ClientError('untrusted_answer'))
      return
    }
    const isRenewed = this.#state === 'online'
    this.#move('authenticated')
    this.#planRenewal()
    if (isRenewed) return
    this.#losses = 0
    this.#heartbeat.start(Math.min(frame.heartbeatSeconds, 40) * 500)
    this.#deps.onConnected()
  }

  #planRenewal(): void {
    const isCurrent = this.#currentLink()
    const remaining = this.#deps.tokens.endsAt() - this.#deps.now() - RENEW_BEFORE_MS
    this.#timers.after(Math.max(remaining, 1_000), () => {
      const renewed = this.#deps.tokens.access()
      renewed
        .then((token) => {
          if (isCurrent()) this.transmit({ type: 'authenticate', token })
        })
        .catch((error: unknown) => {
          if (codeOf(error) === 'refresh_refused' || !isCurrent()) return
          this.#report(error)
          this.#planRenewal()
        })
    })
  }

  #silent(): void {
    if (this.#lost(0)) this.#deps.suspect()
  }

  /** Drops the link and plans the next attempt. Returns false if there was no link. */
  #lost(code: number): boolean {
    if (!this.#leave('lost')) return false
    const wait = reconnectDelayMs(this.#losses, code, this.#deps.random)
    this.#losses += 1
    this.#timers.after(wait, () => this.reconnect())
    return true
  }

  #lostBy(error: unknown): void {
    this.#report(error)
    this.#lost(0)
  }

  /** All other errors are temporary, or reported elsewhere. */
  #report(error: unknown): void {
    if (codeOf(error) === 'untrusted_answer') this.#deps.onError(error)
  }

  /** Drops the link. Returns false if the event has no effect now. */
  #leave(event: 'lost' | 'refused' | 'close'): boolean {
    const wasOnline = this.#state === 'online'
    if (!this.#move(event)) return false
    const socket = this.#socket
    this.#socket = undefined
    this.#link += 1
    this.#timers.clear()
    this.#heartbeat.stop()
    if (socket && socket.readyState <= OPEN) socket.close(1000)
    if (wasOnline) this.#deps.onDisconnected()
    return true
  }

  /** A function that tells whether the current link is still the current one when it is called. */
  #currentLink(): () => boolean {
    const link = this.#link
    return () => this.#link === link
  }

  #send(frame: ClientFrame): void {
    if (this.#socket?.readyState !== OPEN) return
    const text = JSON.stringify(frame)
    this.#socket.send(text)
    this.#deps.onTraffic('sent', frame, text)
  }

  /** Returns false if the event has no effect now. */
  #move(event: ConnectionEvent): boolean {
    const next = CONNECTION.next(this.#state, event)
    if (next === null) return false
    const before = this.state
    this.#state = next
    if (this.state !== before) this.#deps.onChange()
    return true
  }
}

function parseFrame(text: string): ServerFrame | undefined {
  try {
    return ServerFrame.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
