import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import {
  type AuthDependencies,
  type AuthService,
  createAuthService,
  newOpaqueSetup,
  newSigningKey,
} from '@sotto/auth'
import { type ChatConfig, createChatService } from '@sotto/chat'
import {
  type App,
  type Broker,
  createApp,
  createHealthChecks,
  createInProcessBroker,
  createInternalServer,
  createLogger,
  createMetrics,
  createProxies,
  createReadiness,
  createTokenVerifier,
  remoteEndedSessions,
  remoteKeepWraps,
  remoteLastSeen,
  remoteLiveSessions,
  remoteProvenSessions,
  remoteResumeSession,
} from '@sotto/service-runtime'
import { createWebsocketService } from '@sotto/websocket'
import { logInChallenge, TokenAnswer, WEBSOCKET_PATH } from '@sotto/wire'
import { WebSocket } from 'ws'
import { eventually } from '../network/eventually.ts'
import type { TestDatabase } from '../postgres/test-database.ts'

// Instances like separate processes that share a database. Without a broker from the test, each has
// one that reaches no one, so that they only learn of each other from the database.

const log = createLogger({ name: 'test', level: 'silent' })
const ISSUER = 'https://chat.test'

interface Answer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever the answer holds
  readonly body: any
}

interface CallOptions {
  readonly token?: string
  readonly body?: unknown
  /** The address that it appears to come from. */
  readonly ip?: string
}

type Call = (
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  url: string,
  options?: CallOptions,
) => Promise<Answer>

/** An instance of a service with an HTTP server. */
export interface Instance extends AsyncDisposable {
  readonly call: Call
}

export interface AuthInstance extends Instance {
  readonly service: AuthService
  /** The URL of the listener for other services. */
  readonly internalUrl: string
  /** Logs in by phone with a code, on a new device by default. */
  logInWithCode(phone: string, deviceId?: string): Promise<TokenAnswer>
  /** The same on a new device that has proven itself. */
  openSession(phone: string): Promise<TokenAnswer>
  /** Like `openSession`, but returns the access token. */
  logIn(phone: string): Promise<string>
}

/** The settings that all auth instances of one Sotto share. */
export async function newAuthConfig(limitFactor = 1000): Promise<AuthDependencies['config']> {
  return {
    issuer: ISSUER,
    audience: 'sotto',
    signingKey: newSigningKey(),
    opaqueSetup: await newOpaqueSetup(),
    codePepper: randomUUID(),
    allowedOrigins: [ISSUER],
    limitFactor,
  }
}

export async function startAuth(
  database: TestDatabase,
  config: AuthDependencies['config'],
  given?: Broker,
): Promise<AuthInstance> {
  const broker = given ?? createInProcessBroker({ log })
  const codes = new Map<string, string>()
  const service = await createAuthService({
    sql: database.sql,
    broker,
    log,
    config,
    sendCode: async ({ address, code }) => void codes.set(address, code),
  })
  await service.start()
  const app = createApp({ log, proxies: createProxies({ trusted: ['127.0.0.1'] }, log) })
  await app.register(service.plugin)
  const internal = createInternalServer({
    log,
    metrics: createMetrics(),
    readiness: createReadiness(),
    checks: createHealthChecks(),
  })
  await internal.register(service.internalPlugin)
  const call = callOf(app)

  async function logInWithCode(phone: string, deviceId = randomUUID()): Promise<TokenAnswer> {
    const started = await call('POST', '/auth/phone/start', { body: { phone } })
    const { challengeId } = started.body
    const code = await eventually('a code', () => codes.get(phone))
    codes.delete(phone)
    const device = { deviceId, refreshIn: 'body' }
    const body = { challengeId, code, device }
    return TokenAnswer.parse((await call('POST', '/auth/phone/verify', { body })).body)
  }

  async function openSession(phone: string): Promise<TokenAnswer> {
    const answer = await logInWithCode(phone)
    const { account_id: accountId, device_id: deviceId, session_id } = answer
    const challenge = logInChallenge(session_id)
    if (!(await service.resumeSession({ challenge, accountId, deviceId }))) {
      throw new Error('the log-in is not proven')
    }
    return answer
  }

  return {
    call,
    service,
    internalUrl: await listen(internal),
    openSession,
    logInWithCode,
    logIn: async (phone) => (await openSession(phone)).access_token,
    async [Symbol.asyncDispose]() {
      for (const server of [app, internal]) await server.close()
      await service.close()
      await broker.close()
    },
  }
}

/** The parts of auth that the other services use. */
function knowing({ service, internalUrl }: AuthInstance, broker?: Broker) {
  return {
    broker: broker ?? createInProcessBroker({ log }),
    log,
    verifier: createTokenVerifier({
      keys: service.publicKeys,
      isLive: remoteLiveSessions(internalUrl),
      isProven: remoteProvenSessions(internalUrl),
      issuer: ISSUER,
      audience: 'sotto',
    }),
    readEndedSessions: remoteEndedSessions(internalUrl),
    findLastSeen: remoteLastSeen(internalUrl),
    keepWraps: remoteKeepWraps(internalUrl),
    resumeSession: remoteResumeSession(internalUrl),
  }
}

export async function startChat(
  database: TestDatabase,
  auth: AuthInstance,
  broker?: Broker,
  config: Partial<ChatConfig> = {},
): Promise<Instance> {
  const { sql } = database
  const deps = { ...knowing(auth, broker), sql, config: { directoryOpen: true, ...config } }
  const service = createChatService(deps)
  const app = createApp({ log })
  await app.register(service.plugin)
  await service.start()
  return {
    call: callOf(app),
    async [Symbol.asyncDispose]() {
      await app.close()
      await service.close()
      await deps.broker.close()
    },
  }
}

export async function startWebsocket(auth: AuthInstance, broker?: Broker) {
  const deps = { ...knowing(auth, broker), config: { allowedOrigins: [] } }
  const service = createWebsocketService(deps)
  const app = createApp({ log })
  await app.register(service.plugin)
  const url = await listen(app)
  await service.start()
  return {
    /**
     * Tries a connection with this token: returns the type of its first frame, and its close code.
     */
    async connect(token: string) {
      const socket = new WebSocket(url.replace('http', 'ws') + WEBSOCKET_PATH)
      const closed = once(socket, 'close').then(([code]) => code as number)
      await once(socket, 'open')
      socket.send(JSON.stringify({ type: 'authenticate', token }))
      const [text] = await once(socket, 'message')
      return { first: JSON.parse(String(text)).type as string, closed }
    },
    async [Symbol.asyncDispose]() {
      await app.close()
      await service.close()
      await deps.broker.close()
    },
  }
}

async function listen(app: App): Promise<string> {
  await app.listen({ host: '127.0.0.1', port: 0 })
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
}

function callOf(app: App): Call {
  return async (method, url, { token, body, ip } = {}) => {
    const answer = await app.inject({
      method,
      url,
      ...(body !== undefined && { payload: body as object }),
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(ip !== undefined && { 'x-forwarded-for': ip }),
      },
    })
    return {
      status: answer.statusCode,
      body: answer.body === '' ? undefined : JSON.parse(answer.body),
    }
  }
}
