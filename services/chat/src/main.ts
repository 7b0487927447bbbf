import {
  ConfigError,
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

/** Runs the chat service alone. Commands reach it only through a broker that it shares. */
async function main() {
  const config = readChatConfig(process.env)
  const { maxConnections, issuer, audience } = config
  const log = createLogger({ name: 'chat', level: config.logLevel })
  const sql = connect(config.databaseUrl, { maxConnections, applicationName: 'sotto chat' })
  const broker = createInProcessBroker({ log })
  const verifier = createTokenVerifier({ keys: remoteKeys(config.jwksUrl), issuer, audience })
  const service = createChatService({ sql, broker, log, config: config.service, verifier })
  await service.start()

  const app = createApp({ log, trustProxy: config.trustProxy })
  const checks = createHealthChecks()
  checks.add('chat', service.health)
  healthRoute(app, checks)
  await app.register(service.plugin)
  await app.listen({ host: config.host, port: config.port }).catch((error) => {
    if (error.code !== 'EADDRINUSE') throw error
    throw new ConfigError(`CHAT_PORT: ${config.port} is taken`)
  })

  closeOnSignals(log, [
    { name: 'http server', close: () => app.close() },
    { name: 'chat', close: () => service.close() },
    { name: 'broker', close: () => broker.close() },
    { name: 'postgres', close: () => sql.end({ timeout: 5 }) },
  ])
}

try {
  await main()
} catch (error) {
  if (!(error instanceof ConfigError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
}
