import {
  createTokenVerifier,
  remoteEndedSessions,
  remoteKeys,
  remoteLiveSessions,
  remoteProvenSessions,
  runService,
} from '@sotto/service-runtime'
import { readWebsocketConfig } from './environment.ts'
import { createWebsocketService } from './index.ts'

await runService(
  'websocket',
  () => readWebsocketConfig(process.env),
  (config, { log, broker, metrics, proxies }) =>
    createWebsocketService({
      broker,
      log,
      metrics,
      proxies,
      config: config.websocket,
      verifier: createTokenVerifier({
        ...config,
        keys: remoteKeys(config.authUrl),
        isLive: remoteLiveSessions(config.authInternalUrl),
        isProven: remoteProvenSessions(config.authInternalUrl),
      }),
      readEndedSessions: remoteEndedSessions(config.authInternalUrl),
    }),
)
