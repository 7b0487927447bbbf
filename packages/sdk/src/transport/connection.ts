import { type ClientFrame, CloseCode, ServerFrame, WEBSOCKET_PATH } from '@sotto/wire'
import { ClientError, codeOf, mayPass } from '../api/errors.ts'
import { Timers } from '../scheduling/timers.ts'
import { mayReconnect, reconnectDelayMs } from './reconnect-policy.ts'
import type { Tokens } from './tokens.ts'

/** The part of the browser's `WebSocket` that is used; Node 24 has the same. */
export type ClientSocket = Pick<WebSocket, 'send' | 'close' | 'addEventListener' | 'readyState'>
export type CreateWebSocket = (url: string) => ClientSocket

/** Tells when the network comes or goes, where something knows it. */
export type WatchNetwork = (changed: (isOnline: boolean) => void) => () => void

/** Of the one socket. */
export type LinkState = 'connecting' | 'online' | 'offline'

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
  readonly failed: (error: unknown) => void
  /** The server knows this device and takes frames. */
  readonly connected: () => void
  /** It fell silent: other connections of this device may have, too. */
  readonly suspect: () => void
  readonly disconnected: () => void
  readonly received: (frame: ServerFrame) => void
  /** Every frame as it was, both ways. */
  readonly recorded: (
    direction: 'sent' | 'received',
    frame: ClientFrame | ServerFrame,
    text: string,
  ) => void
  readonly sessionEnded: () => void
  readonly changed: () => void
}

const OPEN = 1
const AUTHENTICATED_WITHIN_MS = 10_000
const PONG_WITHIN_MS = 8_000
/** Authenticates again this long before the token ends. */
const RENEW_BEFORE_MS = 45_000

/**
 * The one WebSocket of a device, and its coming back.
 *
 * `offline` → `connecting` (socket opens, token is sent) → `online` (`authenticated` came) → `offline`
 * (closed, or silent for too long), and after a wait that grows `connecting` again. `close` ends it.
 */
export class Connection {
  readonly #deps: ConnectionDependencies
  readonly #timers = new Timers()
  readonly #wait = new Timers()
  readonly #unwatch: () => void
  #state: LinkState = 'offline'
  #socket: ClientSocket | undefined
  #attempt = 0
  #heardAt = 0
  #isClosed = false

  constructor(deps: ConnectionDependencies) {
    this.#deps = deps
    this.#unwatch = deps.watchNetwork((isOnline) => this.#networkChanged(isOnline))
    this.#connect()
  }

  get state(): LinkState {
    return this.#state
  }

  /** Tries now instead of waiting for the next attempt; a connection that is there stays. */
  reconnect(): void {
    if (this.#isClosed || this.#state !== 'offline') return
    this.#connect()
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
    this.#isClosed = true
    this.#unwatch()
    this.#drop()
    this.#enter('offline')
  }

  #networkChanged(isOnline: boolean): void {
    if (!isOnline) this.#silent()
    else if (this.#state === 'online') this.#ask(PONG_WITHIN_MS, () => {})
    else this.reconnect()
  }

  #connect(): void {
    this.#wait.clear()
    this.#enter('connecting')
    void this.#open().catch((error: unknown) => {
      if (codeOf(error) !== 'refresh_refused') return this.#lostBy(error)
      this.#drop()
      this.#enter('offline')
    })
  }

  async #open(): Promise<void> {
    const token = await this.#deps.tokens.access()
    if (this.#isClosed || this.#state !== 'connecting') return
    const url = new URL(WEBSOCKET_PATH, this.#deps.origin)
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
    const socket = this.#deps.createWebSocket(url.href)
    this.#socket = socket
    const ifCurrent = (act: () => void) => () => {
      if (this.#socket === socket) act()
    }
    socket.addEventListener(
      'open',
      ifCurrent(() => this.#send({ type: 'authenticate', token })),
    )
    socket.addEventListener('message', ({ data }) => {
      if (this.#socket === socket) this.#receive(data)
    })
    socket.addEventListener(
      'error',
      ifCurrent(() => this.#lost(0)),
    )
    socket.addEventListener('close', ({ code }) => {
      if (this.#socket === socket) void this.#closed(code, token)
    })
    this.#timers.after(AUTHENTICATED_WITHIN_MS, () => {
      if (this.#socket === socket && this.#state === 'connecting') this.#silent()
    })
  }

  async #closed(code: number, token: string): Promise<void> {
    if (!mayReconnect(code)) {
      this.#drop()
      this.#enter('offline')
      // Whoever is refused is told why, and `tokens` ends the session with that.
      const isTold = await this.#deps.tokens.renew(token).then(
        () => false,
        (error: unknown) => codeOf(error) === 'refresh_refused',
      )
      if (!isTold && !this.#isClosed) this.#deps.sessionEnded()
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
      if (!mayPass(error) && !this.#isClosed) this.#deps.failed(error)
    }
  }

  #receive(data: unknown): void {
    this.#heardAt = performance.now()
    if (typeof data !== 'string') return
    const frame = parseFrame(data)
    // What this version does not know is passed over: the log brings what matters.
    if (!frame) return
    this.#deps.recorded('received', frame, data)
    if (frame.type === 'authenticated') this.#authenticated(frame)
    else if (frame.type !== 'pong' && this.#state === 'online') this.#deps.received(frame)
  }

  #authenticated(frame: Authenticated): void {
    // What was sent on this connection would go out in the name of somebody else.
    if (!this.#deps.isOwn(frame)) {
      this.#lostBy(new ClientError('untrusted_answer'))
      return
    }
    this.#planRenewal()
    if (this.#state === 'online') return
    this.#attempt = 0
    this.#enter('online')
    this.#beat(Math.min(frame.heartbeatSeconds, 40) * 500)
    this.#deps.connected()
  }

  #beat(everyMs: number): void {
    const pongWithinMs = Math.min(PONG_WITHIN_MS, everyMs / 2)
    this.#timers.after(everyMs - pongWithinMs, () =>
      this.#ask(pongWithinMs, () => this.#beat(everyMs)),
    )
  }

  /** Asks a silent server whether it is there, and takes it for gone when nothing comes. */
  #ask(withinMs: number, isThere: () => void): void {
    const socket = this.#socket
    const askedAt = performance.now()
    this.transmit({ type: 'ping' })
    this.#timers.after(withinMs, () => {
      if (this.#socket !== socket) return
      if (this.#heardAt < askedAt) this.#silent()
      else isThere()
    })
  }

  #planRenewal(): void {
    const socket = this.#socket
    const remaining = this.#deps.tokens.endsAt() - this.#deps.now() - RENEW_BEFORE_MS
    this.#timers.after(Math.max(remaining, 1_000), () => {
      const renewed = this.#deps.tokens.access()
      renewed
        .then((token) => {
          if (this.#socket === socket) this.transmit({ type: 'authenticate', token })
        })
        .catch((error: unknown) => {
          if (codeOf(error) === 'refresh_refused' || this.#socket !== socket) return
          this.#report(error)
          this.#planRenewal()
        })
    })
  }

  #silent(): void {
    if (this.#isClosed) return
    this.#deps.suspect()
    this.#lost(0)
  }

  /** The link is gone: comes back after a wait. */
  #lost(code: number): void {
    if (this.#isClosed) return
    this.#drop()
    this.#enter('offline')
    const wait = reconnectDelayMs(this.#attempt, code, this.#deps.random)
    this.#attempt += 1
    this.#wait.after(wait, () => this.reconnect())
  }

  #lostBy(error: unknown): void {
    this.#report(error)
    this.#lost(0)
  }

  /** Everything else passes, or is told in another way. */
  #report(error: unknown): void {
    if (codeOf(error) === 'untrusted_answer' && !this.#isClosed) this.#deps.failed(error)
  }

  #drop(): void {
    const socket = this.#socket
    this.#socket = undefined
    this.#timers.clear()
    this.#wait.clear()
    if (socket && socket.readyState <= OPEN) socket.close(1000)
    if (this.#state === 'online') this.#deps.disconnected()
  }

  #send(frame: ClientFrame): void {
    if (this.#socket?.readyState !== OPEN) return
    const text = JSON.stringify(frame)
    this.#socket.send(text)
    this.#deps.recorded('sent', frame, text)
  }

  #enter(state: LinkState): void {
    if (this.#state === state) return
    this.#state = state
    this.#deps.changed()
  }
}

function parseFrame(text: string): ServerFrame | undefined {
  try {
    return ServerFrame.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
