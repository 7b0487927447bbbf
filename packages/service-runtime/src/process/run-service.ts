import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyPluginAsync } from 'fastify'
import type { Broker } from '../broker/broker.ts'
import { measureBroker } from '../broker/measure-broker.ts'
import { createRabbitmqBroker } from '../broker/rabbitmq/rabbitmq-broker.ts'
import { ConfigError } from '../config/config.ts'
import { measurePool } from '../database/measure-pool.ts'
import { connect, type PoolOptions, type Sql } from '../database/postgres.ts'
import type { App } from '../http/app.ts'
import { createHealthChecks, healthRoute, type PartHealth } from '../http/health.ts'
import { createApp } from '../http/http-server.ts'
import { createInternalServer } from '../http/internal-server.ts'
import { createProxies, type Proxies } from '../http/proxies.ts'
import { createReadiness } from '../http/readiness.ts'
import { createLogger, type Logger } from '../log.ts'
import { createMetrics, type Metrics } from '../metrics/metrics.ts'
import { registerForOperator } from '../operator/operator.ts'
import type { ProcessConfig } from './service-variables.ts'
import { type Closable, closeInOrder, closeOnSignals } from './shutdown.ts'

// Requests in flight (at most a statement timeout), verdicts, queues, pools: each has its own
// limit.
const CLOSE_WITHIN_MS = 25_000

/** A part of a process: routes to register, work to start, and a way to close both. */
export interface Service {
  readonly plugin: FastifyPluginAsync | ((app: App) => Promise<void>)
  /** Routes for other services, on the listener that the gateway does not reach. */
  readonly internalPlugin?: (app: App) => Promise<void>
  /** Routes for the operator's commands, on the same listener, with the operator's token. */
  readonly operatorPlugin?: (app: App) => Promise<void>
  health(): Promise<PartHealth>
  /** Resolves when requests can be answered. */
  start(): Promise<void>
  /** Finishes running work and accepts no more. */
  close(): Promise<void>
}

/** The parts of the process that a service receives. */
export interface ServiceParts {
  readonly log: Logger
  readonly broker: Broker
  readonly metrics: Metrics
  readonly proxies: Proxies
  /** Opens a pool that is closed after everything else. */
  openPool(url: string, options: Pick<PoolOptions, 'maxConnections'>): Sql
}

/**
 * Runs one service in this process until a signal ends it. First `/ready` reports that it stops;
 * after `SHUTDOWN_DELAY_MS`, it accepts no more connections, finishes running work, and closes
 * broker and pools. Prints a `ConfigError` and ends the process with status 1.
 */
export async function runService<C extends ProcessConfig>(
  name: string,
  read: () => C | Promise<C>,
  create: (config: C, parts: ServiceParts) => Service | Promise<Service>,
) {
  try {
    await run(name, await read(), create)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  }
}

async function run<C extends ProcessConfig>(
  name: string,
  config: C,
  create: (config: C, parts: ServiceParts) => Service | Promise<Service>,
) {
  const log = createLogger({ name, level: config.logLevel })
  const metrics = createMetrics({ ofProcess: true })
  const readiness = createReadiness()
  const checks = createHealthChecks()
  const broker = await findBroker(name, config, log)
  measureBroker(broker, metrics)
  const proxies = createProxies(config.proxies, log)
  await proxies.ready
  const pools: Closable[] = []
  const service = await create(config, {
    log,
    broker,
    metrics,
    proxies,
    openPool(url, options) {
      const sql = connect(url, { ...options, applicationName: `sotto ${name}` })
      measurePool(sql, name, options.maxConnections, metrics)
      checks.add('database', () => checkDatabase(sql))
      pools.push({ name: 'postgres', close: () => sql.end({ timeout: 5 }) })
      return sql
    },
  })
  checks.add('broker', async () => ({ status: broker.isHealthy() ? 'ok' : 'degraded' }))
  checks.add(name, () => service.health())

  const internal = createInternalServer({ log, metrics, readiness, checks })
  if (service.internalPlugin) await internal.register(service.internalPlugin)
  await registerForOperator(internal, config.operatorToken, service.operatorPlugin)
  const app = createApp({ log, proxies, metrics })
  healthRoute(app, checks)
  await app.register(service.plugin)

  const closing: Closable[] = [
    { name: 'readiness', close: () => announceEnd(readiness, config.shutdownDelayMs) },
    { name: 'http', close: () => app.close() },
    { name, close: () => service.close() },
    { name: 'broker', close: () => broker.close() },
    ...pools,
    { name: 'internal http', close: () => internal.close() },
    { name: 'proxies', close: async () => proxies.close() },
  ]
  closeOnSignals(log, closing, CLOSE_WITHIN_MS + config.shutdownDelayMs)
  try {
    await listen(internal, config.internalHost, config.internalPort, 'INTERNAL_PORT')
    await service.start()
    await listen(app, config.host, config.port, config.portVariable)
  } catch (error) {
    await closeInOrder(log, closing)
    throw error
  }
  readiness.started()
  log.info({ port: config.port, internalPort: config.internalPort }, 'serving')
}

async function checkDatabase(sql: Sql): Promise<PartHealth> {
  await sql`select 1`
  return { status: 'ok' }
}

async function findBroker(name: string, { rabbitmqUrl: url }: ProcessConfig, log: Logger) {
  return createRabbitmqBroker({ url, log, name: `sotto ${name}` }).catch((error: unknown) => {
    log.error({ err: error }, 'RabbitMQ is not usable')
    throw new ConfigError('RABBITMQ_URL: RabbitMQ is not usable at this address')
  })
}

async function announceEnd(readiness: ReturnType<typeof createReadiness>, delayMs: number) {
  readiness.stopping()
  await sleep(delayMs)
}

async function listen(app: App, host: string, port: number, variable: string) {
  await app.listen({ host, port }).catch((error) => {
    if (error.code !== 'EADDRINUSE') throw error
    throw new ConfigError(`${variable}: port ${port} is already in use`)
  })
}
