import { fileURLToPath } from 'node:url'
import {
  type App,
  authenticateWith,
  type Broker,
  createMetrics,
  createRateLimits,
  type FindLastSeen,
  followEndedSessions,
  type KeepWraps,
  type Logger,
  type Metrics,
  type PartHealth,
  prepareSchema,
  type ReadEndedSessions,
  type ResumeSession,
  type Sql,
  type Subscription,
  type TokenVerifier,
} from '@sotto/service-runtime'
import { PROTOCOL_PARTICIPANTS } from '@sotto/wire'
import type { FastifyPluginAsync } from 'fastify'
import type { ChatConfig } from './config.ts'
import type { ChatContext } from './context.ts'
import { removeAccount } from './domain/accounts/remove-account.ts'
import { EraGuard, type EraOptions } from './domain/eras/guard-era.ts'
import { startRecounts } from './domain/usage/recount-usage.ts'
import { chatLimitsTimes } from './limits.ts'
import { type Measures, measureChat } from './measure.ts'
import { measureUsage } from './measure-usage.ts'
import { publishEvents } from './publish-events.ts'
import { usualQuotas } from './quota-variables.ts'
import { boxRoutes } from './routes/boxes.ts'
import { conversationRoutes } from './routes/conversations.ts'
import { deviceRoutes } from './routes/devices.ts'
import { logRoutes } from './routes/log.ts'
import { operatorRoutes } from './routes/operator.ts'
import { usageRoutes } from './routes/usage.ts'
import { userRoutes } from './routes/users.ts'
import { wrapRoutes } from './routes/wraps.ts'
import { createCommandRunner } from './run-commands.ts'
import { startSweeps } from './sweep.ts'

/** The dependencies of a chat service. */
export interface ChatDependencies {
  /**
   * For a role that reads and writes rows in the schema `chat`. The caller that opened it closes
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
  readonly config: ChatConfig
  readonly verifier: TokenVerifier
  /** From the auth service: tokens of ended sessions are rejected. */
  readonly readEndedSessions: ReadEndedSessions
  /** From the auth service: restores a session that it has lost. */
  readonly resumeSession: ResumeSession
  /** From the auth service: stores wraps whose signature was verified here. */
  readonly keepWraps: KeepWraps
  /** From the auth service: when devices were last seen. */
  readonly findLastSeen: FindLastSeen
  readonly metrics?: Metrics
  /** When to check whether the database has lost anything. */
  readonly eras?: EraOptions
  /** Milliseconds since 1970; the clock by default. */
  readonly now?: () => number
}

/** A part of a process: routes to register, work to start, and both to close. */
export interface ChatService {
  readonly plugin: FastifyPluginAsync
  /** Routes for the operator's commands only. */
  readonly operatorPlugin: (app: App) => Promise<void>
  health(): Promise<PartHealth>
  /** Updates the schema and starts to accept commands. Before that, no request can be answered. */
  start(): Promise<void>
  /** Finishes running work and accepts no more. */
  close(): Promise<void>
}

const HOUR_MS = 60 * 60 * 1000

const routes = [
  userRoutes,
  deviceRoutes,
  boxRoutes,
  wrapRoutes,
  conversationRoutes,
  logRoutes,
  usageRoutes,
]

/** The chat service: people and their keys, conversations, envelopes. It cannot read a message. */
export function createChatService(deps: ChatDependencies): ChatService {
  const { sql, ownerUrl, broker, log, config, verifier, now = Date.now } = deps
  const metrics = deps.metrics ?? createMetrics()
  const measures = measureChat(metrics)
  const outbox = publishEvents({ sql, broker, log, metrics })
  const eras = new EraGuard({ sql, outbox, log }, deps.eras)
  const limits = createRateLimits(sql, 'chat', chatLimitsTimes(config.limitFactor ?? 1), metrics)
  const { directoryOpen: isDirectoryOpen, quotas = usualQuotas } = config
  const context: ChatContext = {
    sql,
    outbox,
    eras,
    limits,
    quotas,
    resumeSession: deps.resumeSession,
    keepWraps: deps.keepWraps,
    findLastSeen: deps.findLastSeen,
    newKeysDelayMs: (config.newKeysDelayHours ?? 0) * HOUR_MS,
    isDirectoryOpen,
    maxParticipants: config.maxParticipants ?? PROTOCOL_PARTICIPANTS,
    now,
  }
  measureUsage(metrics, context)
  const subscriptions: Subscription[] = []
  const closing = new AbortController()

  return {
    plugin: async (app) => {
      authenticateWith(app as App, verifier)
      for (const register of routes) register(app as App, context)
    },

    operatorPlugin: async (app) => operatorRoutes(app, context),

    async health() {
      await sql`select 1`
      return broker.isHealthy() ? { status: 'ok' } : { status: 'degraded', detail: 'broker' }
    },

    async start() {
      const folder = fileURLToPath(new URL('./migrations/', import.meta.url))
      await prepareSchema({ sql, ownerUrl, schema: 'chat', folder })
      await eras.start()
      outbox.kick()
      subscriptions.push(...(await begin(context, deps, { measures, stop: closing.signal })))
    },

    async close() {
      closing.abort()
      for (const subscription of subscriptions.splice(0).reverse()) await subscription.close()
      await outbox.close()
      await eras.close()
    },
  }
}

/** Starts to accept events, commands and jobs, and starts the periodic work. */
async function begin(
  context: ChatContext,
  { sql, broker, log, verifier, readEndedSessions }: ChatDependencies,
  { measures, stop }: { measures: Measures; stop: AbortSignal },
): Promise<Subscription[]> {
  return [
    await followEndedSessions({
      broker,
      log,
      read: readEndedSessions,
      onEnded: ({ sessionId }) => verifier.endSession(sessionId),
    }),
    await broker.consumeCommands(createCommandRunner(context, broker, measures)),
    await broker.consumeJobs('account.remove', ({ accountId }) =>
      removeAccount(context, accountId, stop),
    ),
    startRecounts({ sql, log }),
    startSweeps({ sql, log, now: context.now }),
  ]
}
