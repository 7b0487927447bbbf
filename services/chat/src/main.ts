import {
  closeOnSignals,
  connect,
  createApp,
  createHealthChecks,
  createInProcessBroker,
  createLogger,
  createTokenVerifier,
  healthRoute,
  remoteKeys,
} from '@sotto/service-runtime'
import { readChatConfig } from './config.ts'
import { createChatService } from './index.ts'

const { database, server, tokens, logLevel, chat } = readChatConfig(process.env)
const log = createLogger({ name: 'chat', level: logLevel })
const sql = connect(database.url, {
  maxConnections: database.maxConnections,
  applicationName: 'sotto chat',
})
// Alone in its process the service answers requests; commands reach it through a shared broker only.
const broker = createInProcessBroker({ log })
const verifier = createTokenVerifier({
  keys: remoteKeys(tokens.jwksUrl),
  issuer: tokens.issuer,
  audience: tokens.audience,
})
const service = createChatService({ sql, broker, log, config: chat, verifier })

const checks = createHealthChecks()
checks.add('chat', () => service.health())
const app = createApp({ log, trustProxy: server.trustProxy })
healthRoute(app, checks)
await app.register(service.plugin)
await service.start()
await app.listen({ host: server.host, port: server.port })

closeOnSignals(log, [
  { name: 'http', close: () => app.close() },
  { name: 'chat', close: () => service.close() },
  { name: 'broker', close: () => broker.close() },
  { name: 'database', close: () => sql.end({ timeout: 5 }) },
])
