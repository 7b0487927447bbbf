import {
  ConfigError,
  closeOnSignals,
  connect,
  createApp,
  createHealthChecks,
  createInProcessBroker,
  createLogger,
  healthRoute,
} from '@sotto/service-runtime'
import { createAuthService } from './auth-service.ts'
import { readAuthConfig } from './config.ts'
import { createCodeSender } from './senders/choose-sender.ts'

/** Runs the auth service alone. */
async function main() {
  const config = await readAuthConfig(process.env)
  const sendCode = createCodeSender(process.env, (line) => process.stderr.write(`${line}\n`))
  const log = createLogger({ name: 'auth', level: config.logLevel })
  if (config.madeUp.length > 0) log.warn({ names: config.madeUp }, 'secrets made up for this run')

  const sql = connect(config.databaseUrl, { maxConnections: 10, applicationName: 'sotto auth' })
  const broker = createInProcessBroker({ log })
  const service = await createAuthService({ sql, broker, log, config: config.service, sendCode })
  await service.start()

  const app = createApp({ log, trustProxy: config.trustProxy })
  const checks = createHealthChecks()
  checks.add('auth', service.health)
  healthRoute(app, checks)
  await app.register(service.plugin)
  await app.listen({ host: config.host, port: config.port }).catch((error) => {
    if (error.code !== 'EADDRINUSE') throw error
    throw new ConfigError(`AUTH_PORT: ${config.port} is taken`)
  })

  closeOnSignals(log, [
    { name: 'http server', close: () => app.close() },
    { name: 'auth', close: () => service.close() },
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
