import { randomUUID } from 'node:crypto'
import {
  type App,
  type Broker,
  createApp,
  createInProcessBroker,
  createLogger,
  createProxies,
  type Metrics,
  type Sql,
} from '@sotto/service-runtime'
import {
  type LoginDevice,
  logInChallenge,
  type TokenAnswer,
  TokenAnswer as TokenAnswerSchema,
} from '@sotto/wire'
import { expect } from 'vitest'
import { eventually } from '../../../tests/network/eventually.ts'
import { createMigratedDatabase, type TestDatabase } from '../../../tests/postgres/test-database.ts'
import {
  type AuthService,
  type AuthServiceConfig,
  createAuthService,
  newOpaqueSetup,
  newSigningKey,
  type OutgoingCode,
} from '../src/index.ts'

export const ORIGIN = 'https://chat.test'

/** The auth service on a separate database, with a clock that the test controls. */
export interface AuthUnderTest extends AsyncDisposable {
  readonly app: App
  readonly service: AuthService
  readonly sql: Sql
  readonly sent: OutgoingCode[]
  readonly logLines: string[]
  readonly endedSessions: string[]
  readonly clock: { now: number }
  readonly config: AuthServiceConfig
  call(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    url: string,
    options?: CallOptions,
  ): Promise<Answer>
  /** Restarts the service on the same database with other settings. */
  restartWith(overrides: Partial<AuthServiceConfig>): Promise<AuthUnderTest>
  /** Waits for the first code to an address and returns it. */
  codeFor(address: string): Promise<string>
  /** Waits until no code is being sent. */
  codesSent(): Promise<void>
}

/** Optional dependencies of a test. */
interface Parts {
  broker?: Broker
  metrics?: Metrics
  /** Called before a code counts as sent; may fail. */
  sendCode?: (outgoing: OutgoingCode) => Promise<void>
}

interface CallOptions {
  body?: unknown
  token?: string
  headers?: Record<string, string>
  ip?: string
}

interface Answer {
  status: number
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever the answer holds
  body: any
  text: string
  headers: Record<string, unknown>
  cookie: string | undefined
}

let settings: Promise<AuthServiceConfig> | undefined

async function makeSettings(): Promise<AuthServiceConfig> {
  return {
    issuer: ORIGIN,
    audience: 'sotto',
    signingKey: newSigningKey(),
    opaqueSetup: await newOpaqueSetup(),
    codePepper: 'pK8dO2vXw7Qz1rTn5bYc9LmH4sJf6aGe',
    allowedOrigins: [ORIGIN],
    defaultCountry: 'DE',
    limitFactor: 1000,
  }
}

export async function startAuth(
  overrides: Partial<AuthServiceConfig> = {},
  parts: Parts = {},
): Promise<AuthUnderTest> {
  settings ??= makeSettings()
  const config = { ...(await settings), ...overrides }
  const database = await createMigratedDatabase()
  return startAuthOn(database.sql, config, database, parts)
}

/** Starts an instance on its own database, or another one on an existing database. */
export async function startAuthOn(
  sql: Sql,
  config: AuthServiceConfig,
  own?: Pick<TestDatabase, 'drop'>,
  parts: Parts = {},
): Promise<AuthUnderTest> {
  const logLines: string[] = []
  const log = createLogger({
    name: 'auth',
    level: 'debug',
    destination: { write: (line) => void logLines.push(line) },
  })
  const broker = parts.broker ?? createInProcessBroker({ log, jobs: { retryDelayMs: 5 } })
  const endedSessions: string[] = []
  await broker.subscribeAll((event) => {
    if (event.type === 'session.ended') endedSessions.push(event.sessionId)
  })
  const sent: OutgoingCode[] = []
  const clock = { now: Date.now() }
  const service = await createAuthService({
    sql,
    broker,
    log,
    config,
    async sendCode(outgoing) {
      await parts.sendCode?.(outgoing)
      sent.push(outgoing)
    },
    now: () => clock.now,
    ...(parts.metrics && { metrics: parts.metrics }),
  })
  await service.start()
  const app = createApp({ log, proxies: createProxies({ trusted: ['127.0.0.1'] }, log) })
  await app.register(service.plugin)

  const stop = async () => {
    await app.close()
    await service.close()
    await broker.close()
  }

  return {
    app,
    service,
    sql,
    sent,
    logLines,
    endedSessions,
    clock,
    config,
    call: (method, url, options) => call(app, method, url, options),
    codeFor: (address) =>
      eventually(`a code for ${address}`, () => {
        const at = sent.findIndex((outgoing) => outgoing.address === address)
        return at < 0 ? undefined : sent.splice(at, 1)[0]?.code
      }),
    async codesSent() {
      await eventually('the codes to be sent', async () => {
        const waiting = await sql`select 1 from auth.challenges where sent_at is null`
        return waiting.length === 0
      })
    },
    async restartWith(overrides) {
      await stop()
      return startAuthOn(sql, { ...config, ...overrides }, own, parts)
    },
    async [Symbol.asyncDispose]() {
      await stop()
      await own?.drop()
    },
  }
}

async function call(
  app: App,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  url: string,
  { body, token, headers = {}, ip }: CallOptions = {},
): Promise<Answer> {
  const answer = await app.inject({
    method,
    url,
    ...(body !== undefined && { payload: JSON.stringify(body) }),
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(token && { authorization: `Bearer ${token}` }),
      ...(ip && { 'x-forwarded-for': ip }),
      ...headers,
    },
  })
  const cookie = answer.cookies.find(({ name }) => name === '__Host-sotto-refresh')
  return {
    status: answer.statusCode,
    body: answer.body === '' ? undefined : JSON.parse(answer.body),
    text: answer.body,
    headers: answer.headers,
    cookie: cookie?.value,
  }
}

export const newDevice = (refreshIn: LoginDevice['refreshIn'] = 'body') => ({
  deviceId: randomUUID(),
  refreshIn,
})

/** Logs in by phone, including the device's proof. */
export async function logInByPhone(
  auth: AuthUnderTest,
  phone: string,
  device = newDevice(),
  ip?: string,
): Promise<TokenAnswer> {
  const answer = await logInWithCode(auth, phone, device, ip)
  expect(await proveLogIn(auth, answer)).toBe(true)
  return answer
}

/** Acts as the chat service, which reports that a log-in's device has signed it. Returns whether auth accepts that. */
export function proveLogIn(
  { service }: AuthUnderTest,
  { account_id: accountId, device_id: deviceId, session_id: sessionId }: TokenAnswer,
): Promise<boolean> {
  return service.resumeSession({ challenge: logInChallenge(sessionId), accountId, deviceId })
}

/** Logs in by phone with nothing but a code. */
export async function logInWithCode(
  auth: AuthUnderTest,
  phone: string,
  device = newDevice(),
  ip?: string,
): Promise<TokenAnswer> {
  const from = ip === undefined ? {} : { ip }
  const start = await auth.call('POST', '/auth/phone/start', { body: { phone }, ...from })
  const code = await auth.codeFor(phone)
  const { challengeId } = start.body
  const answer = await auth.call('POST', '/auth/phone/verify', {
    body: { challengeId, code, device },
    ...from,
  })
  return TokenAnswerSchema.parse(answer.body)
}
