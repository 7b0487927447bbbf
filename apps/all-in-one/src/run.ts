import { type AuthDependencies, createAuthService } from '@sotto/auth'
import { type ChatConfig, createChatService } from '@sotto/chat'
import type { DatabaseUrls } from '@sotto/local-postgres'
import {
  type App,
  type Broker,
  type Closable,
  closeInOrder,
  connect,
  createApp,
  createHealthChecks,
  createInProcessBroker,
  createInternalServer,
  createMetrics,
  createProxies,
  createReadiness,
  createTokenVerifier,
  type HealthChecks,
  healthRoute,
  type Logger,
  type Metrics,
  measureBroker,
  measurePool,
  type Proxies,
  type ProxySettings,
  registerForOperator,
  type Sql,
  useCertificate,
} from '@sotto/service-runtime'
import { createWebsocketService, type WebsocketSettings } from '@sotto/websocket'
import { isOverdue, type KeptCertificate } from './certificates/keep-certificate.ts'
import type { Secrets } from './secrets.ts'
import { serveWebApp } from './web-app.ts'

/** The settings of the three services in one process. */
export interface AllInOneOptions {
  readonly log: Logger
  readonly host: string
  readonly port: number
  /** The certificate for TLS; plain HTTP without it. */
  readonly certificate?: KeptCertificate
  /** Origins of web pages from which browsers may call. */
  readonly origins: readonly string[]
  /** The proxies that are trusted about addresses; none by default. */
  readonly proxies?: ProxySettings
  /** A second listener for `/metrics`, `/ready` and `/health`, which no one else should reach. */
  readonly internal?: { readonly host: string; readonly port: number }
  /** The token of the operator's commands on that listener; without it, they are not served. */
  readonly operatorToken?: string
  /** Without the owners' URLs, another process must have created the tables. */
  readonly databaseUrls: Pick<DatabaseUrls, 'auth' | 'chat'> & Partial<DatabaseUrls>
  /** The maximum number of database connections per service; 10 by default. */
  readonly poolSize?: number
  readonly secrets: Pick<Secrets, 'signingKey' | 'opaqueSetup' | 'codePepper'>
  readonly sendCode: AuthDependencies['sendCode']
  /** The built web app; without it, only the services answer. */
  readonly webAppFolder?: string
  readonly auth?: Partial<AuthDependencies['config']>
  readonly chat?: Partial<ChatConfig>
  readonly websocket?: Partial<WebsocketSettings>
}

/** A running Sotto. */
export interface AllInOne {
  /** Without a trailing slash. */
  readonly url: string
  /** The URL of the second listener, if there is one. */
  readonly internalUrl: string | undefined
  /** Delivers accepted envelopes, notifies every device, and closes the database. */
  close(): Promise<void>
}

// This process both issues and verifies tokens, so the names only have to be equal.
const issuer = 'sotto'
const audience = 'sotto'

/**
 * Runs auth, chat and websocket on one port, with an in-process broker. Throws if the port is in
 * use.
 */
export async function createAllInOne(options: AllInOneOptions): Promise<AllInOne> {
  const parts = await createParts(options)
  try {
    for (const service of parts.services) await service.start()
    const { port, host } = options
    if (options.internal) await parts.internal.listen(options.internal)
    await parts.app.listen({ port, host })
    parts.readiness.started()
    return {
      url: `${options.certificate ? 'https' : 'http'}://${host}:${portOf(parts.app)}`,
      internalUrl: options.internal && urlOf(options.internal.host, portOf(parts.internal)),
      close: async () => void (await closeInOrder(options.log, parts.closing)),
    }
  } catch (error) {
    await closeInOrder(options.log, parts.closing)
    throw error
  }
}

async function createParts(options: AllInOneOptions) {
  const { log, databaseUrls, poolSize = 10 } = options
  const metrics = createMetrics({ ofProcess: true })
  const readiness = createReadiness()
  const broker = createInProcessBroker({ log })
  measureBroker(broker, metrics)
  const pools = {
    auth: openPool(databaseUrls.auth, 'auth', poolSize, metrics),
    chat: openPool(databaseUrls.chat, 'chat', poolSize, metrics),
  }
  const proxies = createProxies(options.proxies ?? { trusted: [] }, log)
  await proxies.ready
  const services = await createServices(options, { broker, metrics, pools, proxies })

  const checks = createHealthChecks()
  const app = await createListener(options, { metrics, proxies, checks })
  checks.add('database', async () => {
    await pools.auth`select 1`
    return { status: 'ok' }
  })
  checks.add('broker', async () => ({ status: broker.isHealthy() ? 'ok' : 'degraded' }))
  for (const [name, service] of Object.entries(services)) {
    checks.add(name, () => service.health())
    await app.register(service.plugin)
  }
  healthRoute(app, checks)
  const internal = createInternalServer({ log, metrics, readiness, checks })
  for (const { operatorPlugin } of [services.auth, services.chat]) {
    await registerForOperator(internal, options.operatorToken, operatorPlugin)
  }
  if (options.webAppFolder !== undefined) await serveWebApp(app, options.webAppFolder)

  // Devices are notified first; the database is closed last.
  const { auth, chat, websocket } = services
  const closing: Closable[] = [
    { name: 'readiness', close: async () => readiness.stopping() },
    { name: 'websocket', close: () => websocket.close() },
    { name: 'http', close: () => app.close() },
    { name: 'chat', close: () => chat.close() },
    { name: 'auth', close: () => auth.close() },
    { name: 'broker', close: () => broker.close() },
    { name: 'auth database', close: () => pools.auth.end({ timeout: 5 }) },
    { name: 'chat database', close: () => pools.chat.end({ timeout: 5 }) },
    { name: 'internal http', close: () => internal.close() },
    { name: 'proxies', close: async () => proxies.close() },
  ]
  return { app, internal, readiness, services: [auth, chat, websocket], closing }
}

async function createListener(
  { log, certificate }: AllInOneOptions,
  parts: { metrics: Metrics; proxies: Proxies; checks: HealthChecks },
): Promise<App> {
  const { metrics, proxies, checks } = parts
  if (certificate === undefined) return createApp({ log, proxies, metrics })
  const { pem } = certificate.current() ?? (await certificate.first)
  const app = createApp({ log, proxies, metrics, tls: pem })
  certificate.onRenewed(({ pem }) => useCertificate(app, pem))
  checks.add('certificate', async () => {
    const current = certificate.current()
    if (current && !isOverdue(current)) return { status: 'ok' }
    return { status: 'degraded', detail: 'the certificate is not being renewed; the log says why' }
  })
  return app
}

function openPool(url: string, name: string, size: number, metrics: Metrics): Sql {
  const sql = connect(url, { maxConnections: size, applicationName: `sotto ${name}` })
  measurePool(sql, name, size, metrics)
  return sql
}

async function createServices(
  options: AllInOneOptions,
  parts: { broker: Broker; metrics: Metrics; pools: { auth: Sql; chat: Sql }; proxies: Proxies },
) {
  const { log, databaseUrls, origins, secrets, sendCode } = options
  const { broker, metrics, pools, proxies } = parts
  const auth = await createAuthService({
    sql: pools.auth,
    ownerUrl: databaseUrls.authOwner,
    broker,
    log,
    metrics,
    config: { ...secrets, issuer, audience, allowedOrigins: origins, ...options.auth },
    sendCode,
  })
  const {
    publicKeys,
    isLiveSession: isLive,
    isProvenSession: isProven,
    readEndedSessions,
    resumeSession,
    keepWraps,
    findLastSeen,
  } = auth
  const verifier = createTokenVerifier({ keys: publicKeys, isLive, isProven, issuer, audience })
  const chat = createChatService({
    sql: pools.chat,
    ownerUrl: databaseUrls.chatOwner,
    broker,
    log,
    metrics,
    config: { directoryOpen: true, ...options.chat },
    verifier,
    readEndedSessions,
    resumeSession,
    keepWraps,
    findLastSeen,
  })
  const websocket = createWebsocketService({
    broker,
    log,
    metrics,
    proxies,
    config: { allowedOrigins: origins, ...options.websocket },
    verifier,
    readEndedSessions,
  })
  return { auth, chat, websocket }
}

/** The address as this machine reaches it. */
function urlOf(host: string, port: number): string {
  const reached = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host
  return `http://${reached.includes(':') ? `[${reached}]` : reached}:${port}`
}

function portOf(app: App): number {
  const address = app.server.address()
  if (address === null || typeof address === 'string')
    throw new Error('The server is not listening on a port')
  return address.port
}
