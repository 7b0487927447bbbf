import {
  createTokenVerifier,
  remoteEndedSessions,
  remoteKeys,
  remoteLiveSessions,
  remoteProvenSessions,
  runService,
} from '@sotto/service-runtime'
import { readWebsocketConfig } from './config.ts'
import { createWebsocketService } from './websocket-service.ts'

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
