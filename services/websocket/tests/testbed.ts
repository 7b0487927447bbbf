import { generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import {
  type Broker,
  createApp,
  createInProcessBroker,
  createLogger,
  createProxies,
  createTokenVerifier,
  type ProxySettings,
} from '@sotto/service-runtime'
import {
  AccountId,
  type Actor,
  type ClientFrame,
  type Command,
  ConversationId,
  DeviceId,
  EnvelopeId,
  type NewEnvelope,
  ServerFrame,
  SessionId,
  type StoredEnvelope,
  WEBSOCKET_PATH,
} from '@sotto/wire'
import { WebSocket } from 'ws'
import { createWebsocketService, type WebsocketSettings } from '../src/index.ts'

export const ORIGIN = 'https://chat.example'
const ISSUER = 'https://auth.example'
const AUDIENCE = 'sotto'

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const keys = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'test', alg: 'EdDSA' }] }
const b64u = (json: unknown) => Buffer.from(JSON.stringify(json)).toString('base64url')

export const newAccountId = () => AccountId.parse(randomUUID())
export const newConversationId = () => ConversationId.parse(randomUUID())
export const newActor = (accountId = newAccountId()): Actor => ({
  accountId,
  deviceId: DeviceId.parse(randomUUID()),
  sessionId: SessionId.parse(randomUUID()),
})

/** An access token like those of the auth service. */
export function tokenFor(actor: Actor, { ttlSeconds = 900, key = privateKey } = {}): string {
  const now = Math.floor(Date.now() / 1000)
  const header = { alg: 'EdDSA', typ: 'at+jwt', kid: 'test' }
  const claims = {
    iss: ISSUER,
    aud: AUDIENCE,
    sub: actor.accountId,
    sid: actor.sessionId,
    did: actor.deviceId,
    jti: randomUUID(),
    iat: now + Math.min(0, ttlSeconds),
    exp: now + ttlSeconds,
  }
  const text = `${b64u(header)}.${b64u(claims)}`
  return `${text}.${sign(null, Buffer.from(text), key).toString('base64url')}`
}

export function newEnvelope(conversationId: ConversationId, ciphertext = 'c2VhbGVk'): NewEnvelope {
  return { id: EnvelopeId.parse(randomUUID()), conversationId, kind: 'message', ciphertext }
}

export function storedEnvelope(
  envelope: NewEnvelope,
  { accountId, deviceId }: Actor,
  seq: number,
): StoredEnvelope {
  return {
    ...envelope,
    seq,
    senderAccountId: accountId,
    senderDeviceId: deviceId,
    acceptedAt: Date.now(),
  }
}

type FrameOf<T extends ServerFrame['type']> = Extract<ServerFrame, { type: T }>

/**
 * A device on the other side of a real socket. Every frame that it receives must match the schema.
 */
export class Device {
  readonly socket: WebSocket
  readonly frames: ServerFrame[] = []
  readonly closed: Promise<number>
  #wake = Promise.withResolvers<void>()

  constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('message', (data) => {
      this.frames.push(ServerFrame.parse(JSON.parse(String(data))))
      this.#wake.resolve()
      this.#wake = Promise.withResolvers()
    })
    socket.on('error', () => {})
    this.closed = new Promise((resolve) => socket.on('close', resolve))
  }

  send(frame: ClientFrame) {
    this.socket.send(JSON.stringify(frame))
  }

  /**
   * Returns the first frame of this type, waiting for it if necessary; throws if the connection
   * ends.
   */
  async next<T extends ServerFrame['type']>(type: T): Promise<FrameOf<T>> {
    for (;;) {
      const at = this.frames.findIndex((frame) => frame.type === type)
      if (at >= 0) return this.frames.splice(at, 1)[0] as FrameOf<T>
      const event = await Promise.race([this.#wake.promise, this.closed])
      if (typeof event === 'number' && !this.frames.some((frame) => frame.type === type)) {
        throw new Error(`The connection was closed with ${event} before ${type}`)
      }
    }
  }

  /** Takes verdicts until there are `count`. */
  async verdicts(count: number) {
    const verdicts: FrameOf<'verdicts'>['verdicts'] = []
    while (verdicts.length < count) verdicts.push(...(await this.next('verdicts')).verdicts)
    return verdicts
  }

  /** Resolves when everything sent before has been received. */
  async settled() {
    this.send({ type: 'ping' })
    await this.next('pong')
  }
}

type TestbedSettings = Partial<WebsocketSettings> & { readonly proxies?: ProxySettings }

/**
 * A websocket service in an HTTP server on a free port, with a broker that it shares with the test.
 */
export class Testbed {
  readonly broker: Broker
  readonly app
  readonly service
  readonly log: string[] = []
  readonly #sockets: WebSocket[] = []

  private constructor({ proxies, ...config }: TestbedSettings, broker?: Broker) {
    const log = createLogger({
      name: 'test',
      level: 'debug',
      destination: { write: (line) => void this.log.push(line) },
    })
    this.broker = broker ?? createInProcessBroker({ log, commands: { retryDelayMs: 5 } })
    const verifier = createTokenVerifier({
      keys: async () => keys,
      isLive: async () => true,
      isProven: async () => true,
      issuer: ISSUER,
      audience: AUDIENCE,
    })
    this.app = createApp({ log })
    this.service = createWebsocketService({
      broker: this.broker,
      log,
      verifier,
      readEndedSessions: async () => ({ readAt: Date.now(), sessions: [] }),
      ...(proxies && { proxies: createProxies(proxies, log) }),
      config: { allowedOrigins: [ORIGIN], sweepEveryMs: 20, closeWithinMs: 200, ...config },
    })
  }

  /** Listens without starting the service. */
  static async listen(config: TestbedSettings = {}, broker?: Broker): Promise<Testbed> {
    const bed = new Testbed(config, broker)
    bed.app.get('/elsewhere', async () => ({ ok: true }))
    await bed.app.register(bed.service.plugin)
    await bed.app.listen({ host: '127.0.0.1', port: 0 })
    return bed
  }

  static async start(config: TestbedSettings = {}, broker?: Broker): Promise<Testbed> {
    const bed = await Testbed.listen(config, broker)
    await bed.service.start()
    return bed
  }

  get port(): number {
    return (this.app.server.address() as AddressInfo).port
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}${WEBSOCKET_PATH}`
  }

  /** An unauthenticated connection. */
  async open(options: { origin?: string } = {}): Promise<Device> {
    const socket = new WebSocket(this.url, options)
    this.#sockets.push(socket)
    const device = new Device(socket)
    await once(socket, 'open')
    return device
  }

  /** An authenticated connection of `actor`. */
  async connect(actor: Actor = newActor(), token = tokenFor(actor)): Promise<Device> {
    const device = await this.open()
    device.send({ type: 'authenticate', token })
    await device.next('authenticated')
    return device
  }

  /** Takes and records the service's commands. */
  async collectCommands(): Promise<Command[]> {
    const commands: Command[] = []
    await this.broker.consumeCommands(async (command) => void commands.push(command))
    return commands
  }

  /** Accepts every envelope after `delay`, as the chat service would. */
  async playChat(delay: (command: Command) => Promise<unknown> = async () => {}) {
    const logs = new Map<ConversationId, NewEnvelope[]>()
    const batches: number[] = []
    await this.broker.consumeCommands(async (command) => {
      if (command.type !== 'envelopes.accept') return
      batches.push(command.envelopes.length)
      await delay(command)
      const verdicts = command.envelopes.map(({ envelope }) => {
        const { id, conversationId } = envelope
        const log = logs.get(conversationId) ?? []
        logs.set(conversationId, log)
        const seq = log.push(envelope)
        return { fate: 'accepted' as const, id, conversationId, seq, acceptedAt: Date.now() }
      })
      const { batchId, replyTo } = command
      await this.broker.publishToInstance(replyTo, { type: 'batch.decided', batchId, verdicts })
    })
    return { logs, batches }
  }

  async [Symbol.asyncDispose]() {
    for (const socket of this.#sockets) socket.terminate()
    await this.app.close()
    await this.broker.close()
  }
}
