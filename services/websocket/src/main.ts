import {
  closeOnSignals,
  createApp,
  createHealthChecks,
  createInProcessBroker,
  createLogger,
  createTokenVerifier,
  healthRoute,
  remoteKeys,
} from '@sotto/service-runtime'
import { readWebsocketConfig } from './environment.ts'
import { createWebsocketService } from './index.ts'

const { server, tokens, logLevel, websocket } = readWebsocketConfig(process.env)
const log = createLogger({ name: 'websocket', level: logLevel })
// Alone in its process the service holds connections; envelopes leave it through a shared broker only.
const broker = createInProcessBroker({ log })
const verifier = createTokenVerifier({
  keys: remoteKeys(tokens.jwksUrl),
  issuer: tokens.issuer,
  audience: tokens.audience,
})
const service = createWebsocketService({ broker, log, config: websocket, verifier })

const checks = createHealthChecks()
checks.add('websocket', () => service.health())
const app = createApp({ log, trustProxy: server.trustProxy })
healthRoute(app, checks)
await app.register(service.plugin)
await service.start()
await app.listen({ host: server.host, port: server.port })

closeOnSignals(log, [
  { name: 'websocket', close: () => service.close() },
  { name: 'http', close: () => app.close() },
  { name: 'broker', close: () => broker.close() },
])
