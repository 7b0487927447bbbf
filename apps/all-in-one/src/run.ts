import { type AuthDeps, createAuthService } from '@sotto/auth'
import { type ChatConfig, createChatService } from '@sotto/chat'
import {
  type App,
  type Closable,
  closeInOrder,
  connect,
  createApp,
  createHealthChecks,
  createInProcessBroker,
  createTokenVerifier,
  healthRoute,
  type Logger,
} from '@sotto/service-runtime'
import { createWebsocketService, type WebsocketSettings } from '@sotto/websocket'
import type { DatabaseUrls } from './prepare-database.ts'
import type { Secrets } from './secrets.ts'
import { serveWebApp } from './web-app.ts'

/** What the three services in one process are made of. */
export interface AllInOneOptions {
  readonly log: Logger
  readonly host: string
  readonly port: number
  /** Web pages from which browsers may call. */
  readonly origins: readonly string[]
  readonly trustProxy: readonly string[]
  readonly databaseUrls: DatabaseUrls
  readonly secrets: Pick<Secrets, 'signingKey' | 'opaqueSetup' | 'codePepper'>
  readonly sendCode: AuthDeps['sendCode']
  /** The built web app; without it only the services answer. */
  readonly webAppFolder?: string
  readonly auth?: Partial<AuthDeps['config']>
  readonly chat?: Partial<ChatConfig>
  readonly websocket?: Partial<WebsocketSettings>
}

/** A Sotto that serves. */
export interface AllInOne {
  /** Without a slash at the end. */
  readonly url: string
  /** Delivers what was accepted, tells every device, and lets go of the database. */
  close(): Promise<void>
}

// Tokens are issued and checked in this process; the names only have to be the same at both ends.
const issuer = 'sotto'
const audience = 'sotto'

/** Runs auth, chat and websocket on one port, with a broker inside. Throws when the port is taken. */
export async function createAllInOne(options: AllInOneOptions): Promise<AllInOne> {
  const parts = await createParts(options)
  try {
    for (const service of parts.services) await service.start()
    const { port, host } = options
    await parts.app.listen({ port, host })
    return {
      url: `http://${host}:${portOf(parts.app)}`,
      close: async () => void (await closeInOrder(options.log, parts.closing)),
    }
  } catch (error) {
    await closeInOrder(options.log, parts.closing)
    throw error
  }
}

async function createParts(options: AllInOneOptions) {
  const { log, databaseUrls, origins, trustProxy, secrets, sendCode } = options
  const broker = createInProcessBroker({ log })
  const open = (url: string, name: string) =>
    connect(url, { maxConnections: 10, applicationName: `sotto ${name}` })
  const authSql = open(databaseUrls.auth, 'auth')
  const chatSql = open(databaseUrls.chat, 'chat')

  const auth = await createAuthService({
    sql: authSql,
    ownerUrl: databaseUrls.authOwner,
    broker,
    log,
    config: { ...secrets, issuer, audience, allowedOrigins: origins, ...options.auth },
    sendCode,
  })
  const verifier = createTokenVerifier({ keys: () => auth.publicKeys(), issuer, audience })
  const chat = createChatService({
    sql: chatSql,
    ownerUrl: databaseUrls.chatOwner,
    broker,
    log,
    config: { directoryOpen: true, ...options.chat },
    verifier,
  })
  const websocket = createWebsocketService({
    broker,
    log,
    config: { allowedOrigins: origins, trustedProxies: trustProxy, ...options.websocket },
    verifier,
  })

  const app = createApp({ log, trustProxy: trustProxy.length > 0 ? [...trustProxy] : false })
  const services = { auth, chat, websocket }
  const checks = createHealthChecks()
  checks.add('database', async () => {
    await authSql`select 1`
    return { status: 'ok' }
  })
  checks.add('broker', async () => ({ status: broker.isHealthy() ? 'ok' : 'degraded' }))
  for (const [name, service] of Object.entries(services)) {
    checks.add(name, () => service.health())
    await app.register(service.plugin)
  }
  healthRoute(app, checks)
  if (options.webAppFolder !== undefined) await serveWebApp(app, options.webAppFolder)

  // Devices are told first; the database goes last.
  const closing: Closable[] = [
    { name: 'websocket', close: () => websocket.close() },
    { name: 'http', close: () => app.close() },
    { name: 'chat', close: () => chat.close() },
    { name: 'auth', close: () => auth.close() },
    { name: 'broker', close: () => broker.close() },
    { name: 'auth database', close: () => authSql.end({ timeout: 5 }) },
    { name: 'chat database', close: () => chatSql.end({ timeout: 5 }) },
  ]
  return { app, services: [auth, chat, websocket], closing }
}

function portOf(app: App): number {
  const address = app.server.address()
  if (address === null || typeof address === 'string') throw new Error('not listening on a port')
  return address.port
}
