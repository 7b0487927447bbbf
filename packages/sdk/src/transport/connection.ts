import { type ClientFrame, CloseCode, ServerFrame, WEBSOCKET_PATH } from '@sotto/wire'
import { ClientError, codeOf, mayPass } from '../api/errors.ts'
import { Timers } from '../scheduling/timers.ts'
import { CONNECTION, type ConnectionEvent, type ConnectionState } from './connection-states.ts'
import { mayReconnect, reconnectDelayMs } from './reconnect-policy.ts'
import type { Tokens } from './tokens.ts'

/** The part of the browser's `WebSocket` that is used; Node 24 has the same. */
export type ClientSocket = Pick<WebSocket, 'send' | 'close' | 'addEventListener' | 'readyState'>
export type CreateWebSocket = (url: string) => ClientSocket

/** Tells when the network comes or goes, where something knows it. */
export type WatchNetwork = (changed: (isOnline: boolean) => void) => () => void

/** The connection, as an app may show it. */
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
  /** Shows the server that this device is one of the account's; see `AccountContext`. */
  readonly proveLogIn: () => Promise<void>
  readonly random: () => number
  readonly now: () => number
  readonly watchNetwork: WatchNetwork
  /** Whether the account and the device that the server names are those of this device. */
  readonly isOwn: (named: Authenticated) => boolean
  /** The server gave an answer that cannot be right; it is asked again after the usual wait. */
  readonly onError: (error: unknown) => void
  /** The server knows this device and takes frames. */
  readonly onConnected: () => void
  /** It fell silent: other connections of this device may have, too. */
  readonly suspect: () => void
  readonly onDisconnected: () => void
  readonly onFrame: (frame: ServerFrame) => void
  /** Every frame as it was, both ways. */
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
const PONG_WITHIN_MS = 8_000
/** Authenticates again this long before the token ends. */
const RENEW_BEFORE_MS = 45_000

/** The one WebSocket of a device, and its coming back. `connection-states.ts` has its states. */
export class Connection {
  readonly #deps: ConnectionDependencies
  /** In `waiting` that of the next attempt; later those of the attempt and its socket. */
  readonly #timers = new Timers()
  readonly #unwatch: () => void
  #state: ConnectionState = CONNECTION.initial
  /** Tokens and sockets of an earlier link come to nothing. */
  #link = 0
  #socket: ClientSocket | undefined
  /** Links that were lost since the last one that was online. */
  #losses = 0
  #heardAt = 0

  constructor(deps: ConnectionDependencies) {
    this.#deps = deps
    this.#unwatch = deps.watchNetwork((isOnline) => this.#networkChanged(isOnline))
    this.reconnect()
  }

  get state(): LinkState {
    return LINK_STATES[this.#state]
  }

  /** The state as the table has it. */
  get exactState(): ConnectionState {
    return this.#state
  }

  /** Tries now instead of waiting for the next attempt; a connection that is there stays. */
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

  /** Gives up the connection that is there, for one that works. */
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
    else if (this.#state === 'online') this.#ask(PONG_WITHIN_MS, () => {})
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
      // Whoever is refused is told why, and `tokens` ends the session with that.
      const isTold = await this.#deps.tokens.renew(token).then(
        () => false,
        (error: unknown) => codeOf(error) === 'refresh_refused',
      )
      if (!isTold && this.#state !== 'closed') this.#deps.onSessionEnd()
      return
    }
    this.#lost(code)
    if (code === CloseCode.notProven) await this.#proveLogIn()
    // The server does not take this one although it seemed good; `tokens` tells if there is no other.
    if (code === CloseCode.unauthenticated) await this.#deps.tokens.renew(token).catch(() => {})
  }

  /** The next attempt comes after the usual wait: a server may go on saying that it does not know this device. */
  async #proveLogIn(): Promise<void> {
    try {
      await this.#deps.proveLogIn()
    } catch (error) {
      if (!mayPass(error) && this.#state !== 'closed') this.#deps.onError(error)
    }
  }

  #receive(data: unknown): void {
    this.#heardAt = performance.now()
    if (typeof data !== 'string') return
    const frame = parseFrame(data)
    // What this version does not know is passed over: the log brings what matters.
    if (!frame) return
    this.#deps.onTraffic('received', frame, data)
    if (frame.type === 'authenticated') this.#authenticated(frame)
    else if (frame.type !== 'pong' && this.#state === 'online') this.#deps.onFrame(frame)
  }

  #authenticated(frame: Authenticated): void {
    // What was sent on this connection would go out in the name of somebody else.
    if (!this.#deps.isOwn(frame)) {
      this.#lostBy(new ClientError('untrusted_answer'))
      return
    }
    const isRenewed = this.#state === 'online'
    this.#move('authenticated')
    this.#planRenewal()
    if (isRenewed) return
    this.#losses = 0
    this.#beat(Math.min(frame.heartbeatSeconds, 40) * 500)
    this.#deps.onConnected()
  }

  #beat(everyMs: number): void {
    const pongWithinMs = Math.min(PONG_WITHIN_MS, everyMs / 2)
    this.#timers.after(everyMs - pongWithinMs, () =>
      this.#ask(pongWithinMs, () => this.#beat(everyMs)),
    )
  }

  /** Asks a silent server whether it is there, and takes it for gone when nothing comes. */
  #ask(withinMs: number, isThere: () => void): void {
    const askedAt = performance.now()
    this.transmit({ type: 'ping' })
    this.#timers.after(withinMs, () => {
      if (this.#heardAt < askedAt) this.#silent()
      else isThere()
    })
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

  /** The link is gone: comes back after a wait. Whether there was anything to lose. */
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

  /** Everything else passes, or is told in another way. */
  #report(error: unknown): void {
    if (codeOf(error) === 'untrusted_answer') this.#deps.onError(error)
  }

  /** Drops the link. False if the event means nothing now. */
  #leave(event: 'lost' | 'refused' | 'close'): boolean {
    const wasOnline = this.#state === 'online'
    if (!this.#move(event)) return false
    const socket = this.#socket
    this.#socket = undefined
    this.#link += 1
    this.#timers.clear()
    if (socket && socket.readyState <= OPEN) socket.close(1000)
    if (wasOnline) this.#deps.onDisconnected()
    return true
  }

  /** Whether the link that is there now is still the one. */
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

  /** False if the event means nothing now. */
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
