import { runService } from '@sotto/service-runtime'
import { createAuthService } from './auth-service.ts'
import { readAuthConfig } from './config.ts'
import { createCodeSender } from './senders/choose-sender.ts'

await runService(
  'auth',
  () => readAuthConfig(process.env),
  async (config, { log, broker, metrics, openPool }) => {
    if (config.madeUp.length > 0)
      log.warn({ names: config.madeUp }, 'generated secrets for this run')
    return createAuthService({
      sql: openPool(config.databaseUrl, config),
      ownerUrl: config.ownerUrl,
      broker,
      log,
      metrics,
      config: config.service,
      sendCode: createCodeSender(process.env, (line) => process.stderr.write(`${line}\n`)),
    })
  },
)
