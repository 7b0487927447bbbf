import { fileURLToPath } from 'node:url'
import cookie from '@fastify/cookie'
import {
  type App,
  authenticateWith,
  type Broker,
  createEventOutbox,
  createMetrics,
  createRateLimits,
  type FindLastSeen,
  type IsLiveSession,
  type IsProvenSession,
  type KeepWraps,
  type Logger,
  type Metrics,
  type PartHealth,
  prepareSchema,
  type ReadEndedSessions,
  type ResumeSession,
  type Sql,
  type Subscription,
} from '@sotto/service-runtime'
import type { AuthContext } from './context.ts'
import { continueRemovals, forgetAccount } from './domain/accounts/remove-account.ts'
import { createNewKeysNotice, type TellOfNewKeys } from './domain/accounts/tell-of-new-keys.ts'
import { createCodeDelivery, type DeliverCode } from './domain/codes/deliver-codes.ts'
import { endRevokedSessions } from './domain/ended-sessions/end-revoked-sessions.ts'
import { listEndedSessions } from './domain/ended-sessions/list-ended-sessions.ts'
import { proveSession } from './domain/sessions/prove-session.ts'
import { keepWraps } from './domain/wraps/keep-wraps.ts'
import { limitsTimes } from './limits.ts'
import { createOwnVerifier, knownSessions } from './live-sessions.ts'
import { measureLogIns, measureSending } from './measure.ts'
import type { AuthPolicy } from './policy.ts'
import { accountRoutes } from './routes/account-routes.ts'
import { internalRoutes } from './routes/internal-routes.ts'
import { invitationRoutes } from './routes/invitation-routes.ts'
import { logInRoutes } from './routes/log-in-routes.ts'
import { operatorRoutes } from './routes/operator-routes.ts'
import { sessionRoutes } from './routes/session-routes.ts'
import { createAccessTokens } from './secrets/access-tokens.ts'
import { createOpaque } from './secrets/opaque.ts'
import type { CodeSender } from './senders/code-sender.ts'
import { createSmsBudget } from './sms-budget.ts'
import * as sessions from './store/sessions.ts'
import { sweep } from './sweep.ts'

const SCHEMA = 'auth'
const SWEEP_EVERY_MS = 60_000

export interface AuthServiceConfig extends AuthPolicy {
  /** `iss` of access tokens: the address of this server. */
  readonly issuer: string
  /** `aud` of access tokens. */
  readonly audience: string
  /** Ed25519 keys as PKCS#8 in PEM. The first one signs; all are published. */
  readonly signingKey: string
  /** The server's OPAQUE keys. If they change, no existing password works. */
  readonly opaqueSetup: string
  /**
   * Without it, the stored hashes of one-time codes are useless. It also authenticates known
   * devices, known networks and the tokens of lost sessions.
   */
  readonly codePepper: string
  /** Origins whose pages may use the refresh cookie. */
  readonly allowedOrigins: readonly string[]
  /** Multiplies all rate limits, for load tests; 1 by default. */
  readonly limitFactor?: number | undefined
}

export interface AuthDependencies {
  /**
   * For a role that reads and writes rows in the schema `auth`. The caller that opened it closes
   * it.
   */
  readonly sql: Sql
  /**
   * The same database as the role that owns the schema or may create it, for the migrations at the
   * start. Without it, `start` waits until another process has run them.
   */
  readonly ownerUrl?: string | undefined
  readonly broker: Broker
  readonly log: Logger
  readonly config: AuthServiceConfig
  readonly sendCode: CodeSender
  readonly metrics?: Metrics
  /** Milliseconds since 1970. */
  readonly now?: () => number
}

/** Decides who may log in: accounts, codes, passwords, sessions, and the keys of access tokens. */
export interface AuthService {
  /** Registers the routes. */
  readonly plugin: (app: App) => Promise<void>
  /** The keys with which other services verify access tokens. */
  publicKeys(): Promise<AuthContext['tokens']['publicKeys']>
  /** Replaces the internal routes for other services in the same process. */
  readonly isLiveSession: IsLiveSession
  readonly isProvenSession: IsProvenSession
  readonly readEndedSessions: ReadEndedSessions
  readonly resumeSession: ResumeSession
  readonly keepWraps: KeepWraps
  readonly findLastSeen: FindLastSeen
  /** Routes for other services only. */
  readonly internalPlugin: (app: App) => Promise<void>
  /** Routes for the operator's commands only. */
  readonly operatorPlugin: (app: App) => Promise<void>
  /** Updates the database and starts the periodic work. */
  start(): Promise<void>
  health(): Promise<PartHealth>
  /** Waits for running jobs and events. The pool and the broker stay open. */
  close(): Promise<void>
}

/** Throws if the signing key or the OPAQUE setup is invalid. */
export async function createAuthService(deps: AuthDependencies): Promise<AuthService> {
  const { sql, broker, log, config, metrics = createMetrics(), now = Date.now } = deps
  const context = await createContext({ ...deps, metrics, now })
  const publicKeys = async () => context.tokens.publicKeys
  const deliverCode = createCodeDelivery(context, measureSending(deps.sendCode, metrics))
  const tellOfNewKeys = createNewKeysNotice(context, deps.sendCode)
  const jobs: Subscription[] = []
  const closing = new AbortController()
  let sweeping: NodeJS.Timeout | undefined

  return {
    publicKeys,
    ...knownSessions(sql),
    readEndedSessions: (since) => listEndedSessions(context, since),
    resumeSession: (proven) => proveSession(context, proven),
    keepWraps: (write) => keepWraps(context, write),
    findLastSeen: ({ accountId, deviceIds }) => sessions.findLastUsed(sql, accountId, deviceIds),
    internalPlugin: async (app) => internalRoutes(app, context),
    operatorPlugin: async (app) => operatorRoutes(app, context, deps.sendCode),
    async plugin(app) {
      await app.register(cookie)
      authenticateWith(app, createOwnVerifier(sql, { ...config, keys: publicKeys, now }))
      logInRoutes(app, context)
      invitationRoutes(app, context)
      sessionRoutes(app, context, config.allowedOrigins)
      accountRoutes(app, context)
    },
    async start() {
      const folder = fileURLToPath(new URL('./migrations', import.meta.url))
      await prepareSchema({ sql, ownerUrl: deps.ownerUrl, schema: SCHEMA, folder })
      context.outbox.kick()
      jobs.push(
        ...(await consumeJobs(broker, context, {
          deliverCode,
          tellOfNewKeys,
          stop: closing.signal,
        })),
      )
      sweeping = setInterval(() => sweepQuietly(context), SWEEP_EVERY_MS)
      void continueRemovals(context).catch((error: unknown) =>
        log.warn({ err: error }, 'could not continue the removals; the next sweep will retry'),
      )
      sweeping.unref()
    },
    async health() {
      await sql`select 1`
      return { status: 'ok' }
    },
    async close() {
      clearInterval(sweeping)
      closing.abort()
      await Promise.all(jobs.splice(0).map((subscription) => subscription.close()))
      await context.outbox.close()
    },
  }
}

async function createContext(
  deps: AuthDependencies & Required<Pick<AuthDependencies, 'metrics' | 'now'>>,
): Promise<AuthContext> {
  const { sql, broker, log, config, metrics, now, sendCode } = deps
  const { signUp = 'open', membersInvite = false } = config
  const times = limitsTimes(config.limitFactor ?? 1, config)
  const limits = createRateLimits(sql, SCHEMA, times, metrics)
  return {
    sql,
    log,
    now,
    outbox: createEventOutbox({ sql, schema: SCHEMA, broker, log, metrics }),
    limits,
    spendSms: createSmsBudget(limits, log, now),
    tokens: await createAccessTokens({ ...config, pem: config.signingKey }),
    opaque: await createOpaque(config.opaqueSetup),
    countLogIn: measureLogIns(metrics),
    sendJob: broker.sendJob,
    channels: sendCode.channels ?? ['phone', 'email'],
    codePepper: config.codePepper,
    signUp,
    membersInvite: membersInvite && signUp !== 'closed',
    defaultCountry: config.defaultCountry,
    phonePrefixes: config.phonePrefixes,
  }
}

/** Consumes the jobs of this service. */
async function consumeJobs(
  broker: Broker,
  context: AuthContext,
  {
    deliverCode,
    tellOfNewKeys,
    stop,
  }: { deliverCode: DeliverCode; tellOfNewKeys: TellOfNewKeys; stop: AbortSignal },
): Promise<Subscription[]> {
  return [
    await broker.consumeJobs('code.deliver', deliverCode),
    await broker.consumeJobs('new_keys.tell', tellOfNewKeys),
    await broker.consumeJobs('sessions.end', (job) => endRevokedSessions(context, job, stop)),
    await broker.consumeJobs('account.forget', (job) => forgetAccount(context, job.accountId)),
  ]
}

async function sweepQuietly(context: AuthContext) {
  try {
    await sweep(context)
  } catch (error) {
    context.log.warn({ err: error }, 'sweep failed; the next one will retry')
  }
}
