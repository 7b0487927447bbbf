import type { ClientSocket, CreateWebSocket } from '@sotto/sdk'
import {
  type AccountId,
  type Actor,
  ClientFrame,
  CloseCode,
  type Endpoint,
  httpStatus,
  type NewEnvelope,
  type ServerFrame,
  type SessionId,
  type StoredEnvelope,
} from '@sotto/wire'
import { applyFrame } from './honest-frames.ts'
import { HonestServer } from './honest-server.ts'
import { matcher, Refusal, type Request } from './routes.ts'
import type { ServerState, SessionState } from './server-state.ts'
import { FakeSocket } from './socket.ts'

/** A device's request. */
export interface Call {
  readonly name: string
  readonly device: number
  readonly actor: Actor | undefined
  readonly request: Request
}

/** What a device receives: an answer, or nothing at all. */
export type Told = { readonly status: number; readonly body: unknown } | 'silence' | 'offline'

/** A lie that lasts until it is withdrawn. Each of its parts sees the result of earlier lies. */
export interface Lie {
  readonly name: string
  answer?(told: Told, call: Call): Told
  /** What a device gets instead of a frame: frames, or text that is not a frame. */
  toDevice?(frame: unknown, connection: Connection): unknown[]
  toServer?(frame: ClientFrame, connection: Connection): ClientFrame[]
}

/** An open WebSocket of a device. */
export interface Connection {
  readonly device: number
  readonly socket: FakeSocket
  actor: Actor | undefined
}

/** An envelope as it left a device, before any lie. */
export interface Sent {
  readonly device: number
  readonly envelope: NewEnvelope
}

/** A schedule's server: an honest one, with the current lies on top. */
export class EvilServer {
  readonly honest: HonestServer
  readonly lies: Lie[] = []
  readonly sent: Sent[] = []
  /** Every envelope that a device wrote and that was accepted. */
  readonly genuine: StoredEnvelope[] = []
  /** Answers as they were given, latest last: they may be given again. */
  readonly answers: { readonly name: string; readonly told: Told }[] = []
  readonly offline = new Set<number>()
  /** Devices that received wraps that no code can open. */
  readonly damagedWraps = new Set<number>()
  readonly #connections = new Set<Connection>()
  readonly #match: ReturnType<typeof matcher>
  readonly #known = new Set<string>()

  constructor(
    from: { state: ServerState; sessions: Map<SessionId, SessionState> },
    now: () => number,
  ) {
    this.honest = new HonestServer(from, {
      now,
      push: (recipients, frame) => this.push(recipients, frame),
      cut: (session) => this.#cutSession(session),
    })
    this.#match = matcher(this.honest.routes)
  }

  /** The network of one device. */
  networkOf(device: number): { fetch: typeof globalThis.fetch; createWebSocket: CreateWebSocket } {
    const fetch = async (input: unknown, init: RequestInit = {}) => {
      const told = await this.#tell(device, new URL(String(input)), init)
      if (told === 'offline') throw new TypeError('fetch failed')
      if (told === 'silence') return new Promise<never>((_, reject) => abortWith(init, reject))
      const { status, body } = told
      const text = typeof body === 'string' ? body : JSON.stringify(body)
      return { status, text: async () => text }
    }
    return {
      fetch: fetch as unknown as typeof globalThis.fetch,
      createWebSocket: () => this.#connect(device) as unknown as ClientSocket,
    }
  }

  /** Sends a frame to all devices of these accounts. */
  push(recipients: readonly AccountId[], frame: ServerFrame): void {
    for (const connection of this.#connections) {
      const { actor } = connection
      if (actor && recipients.includes(actor.accountId)) this.toDevice(connection, frame)
    }
  }

  connectionsOf(device: number): Connection[] {
    return [...this.#connections].filter((one) => one.device === device && one.actor)
  }

  toDevice(connection: Connection, frame: unknown): void {
    let frames = [frame]
    for (const lie of this.lies) {
      if (lie.toDevice) frames = frames.flatMap((one) => lie.toDevice?.(one, connection) ?? [])
    }
    for (const one of frames) connection.socket.deliver(one)
  }

  /** Ends the connections of a device. */
  cut(device: number, code: number): void {
    for (const connection of [...this.#connections]) {
      if (connection.device === device) this.#end(connection, code)
    }
  }

  async #tell(device: number, url: URL, init: RequestInit): Promise<Told> {
    if (this.offline.has(device)) return 'offline'
    let call: Call | undefined
    let told: Told
    try {
      const body = typeof init.body === 'string' ? JSON.parse(init.body) : undefined
      const { route, request } = this.#match(init.method ?? 'GET', url, body)
      const actor = this.#actorOf(init)
      call = { name: route.name, device, actor, request }
      this.#admit(route.endpoint.access, actor)
      told = { status: 200, body: structuredClone(route.answer(request, actor as Actor)) }
      this.#checkHonest(route.name, route.endpoint.response.safeParse(told.body).success)
    } catch (error) {
      told = refusal(error)
    }
    if (!call) return told
    this.answers.push({ name: call.name, told })
    for (const lie of this.lies) told = lie.answer?.(told, call) ?? told
    return told
  }

  #admit(access: Endpoint['access'], actor: Actor | undefined): void {
    if (access === 'anyone') return
    if (!actor) throw new Refusal('unauthenticated')
    if (access === 'account' && !this.honest.isProven(actor)) {
      throw new Refusal('device_not_proven')
    }
  }

  #checkHonest(name: string, isRight: boolean): void {
    if (!isRight) throw new Error(`the honest answer to ${name} does not match its schema`)
  }

  #actorOf(init: RequestInit): Actor | undefined {
    const { authorization = '' } = (init.headers ?? {}) as Record<string, string>
    return this.#actorOfToken(authorization.replace('Bearer ', ''))
  }

  #actorOfToken(token: string): Actor | undefined {
    const session = this.honest.sessionOf(token, 'access')
    if (!session) return undefined
    const { accountId, deviceId, sessionId } = session
    return { accountId, deviceId, sessionId }
  }

  #connect(device: number): FakeSocket {
    const socket = new FakeSocket(
      (text) => this.#take(connection, text),
      () => {
        this.#connections.delete(connection)
      },
    )
    const connection: Connection = { device, socket, actor: undefined }
    if (this.offline.has(device)) socket.end(1006)
    else {
      this.#connections.add(connection)
      socket.open()
    }
    return socket
  }

  #take(connection: Connection, text: string): void {
    const frame = ClientFrame.parse(JSON.parse(text))
    if (frame.type === 'authenticate') this.#authenticate(connection, frame.token)
    const { actor, device } = connection
    if (!actor || frame.type === 'authenticate') return
    if (frame.type === 'send') {
      for (const envelope of frame.envelopes) this.sent.push({ device, envelope })
    }
    let frames = [frame as ClientFrame]
    for (const lie of this.lies) {
      if (lie.toServer) frames = frames.flatMap((one) => lie.toServer?.(one, connection) ?? [])
    }
    for (const one of frames) {
      applyFrame(this.honest, one, actor, (answer) => this.toDevice(connection, answer))
    }
    if (frame.type === 'send') this.#noteGenuine(frame.envelopes, actor)
  }

  #noteGenuine(envelopes: readonly NewEnvelope[], actor: Actor): void {
    for (const { id, conversationId, ciphertext } of envelopes) {
      const log = this.honest.state.conversations.get(conversationId)?.log ?? []
      const stored = log.find((one) => one.id === id && one.ciphertext === ciphertext)
      const isNew = stored && !this.#known.has(`${id} ${ciphertext}`)
      if (!isNew || stored.senderDeviceId !== actor.deviceId) continue
      this.#known.add(`${id} ${ciphertext}`)
      this.genuine.push(stored)
    }
  }

  #authenticate(connection: Connection, token: string): void {
    const actor = this.#actorOfToken(token)
    if (!actor || !this.honest.isProven(actor)) {
      this.#end(connection, actor ? CloseCode.notProven : CloseCode.unauthenticated)
      return
    }
    connection.actor = actor
    this.toDevice(connection, {
      type: 'authenticated',
      accountId: actor.accountId,
      deviceId: actor.deviceId,
      expiresAt: this.honest.now() + 900_000,
      heartbeatSeconds: 30,
    })
  }

  #cutSession(session: SessionId): void {
    for (const connection of [...this.#connections]) {
      if (connection.actor?.sessionId === session) this.#end(connection, CloseCode.sessionEnded)
    }
  }

  #end(connection: Connection, code: number): void {
    this.#connections.delete(connection)
    connection.socket.end(code)
  }
}

function refusal(error: unknown): Told {
  if (!(error instanceof Refusal)) throw error
  const { code, details } = error
  return { status: httpStatus[code], body: { code, ...(details && { details }) } }
}

function abortWith({ signal }: RequestInit, reject: (reason: unknown) => void): void {
  signal?.addEventListener('abort', () => reject(new Error('no answer')))
}
