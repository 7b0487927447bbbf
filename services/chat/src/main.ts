import {
  createTokenVerifier,
  remoteEndedSessions,
  remoteKeepWraps,
  remoteKeys,
  remoteLastSeen,
  remoteLiveSessions,
  remoteProvenSessions,
  remoteResumeSession,
  runService,
} from '@sotto/service-runtime'
import { createChatService } from './chat-service.ts'
import { readChatConfig } from './config.ts'

await runService(
  'chat',
  () => readChatConfig(process.env),
  (config, { log, broker, metrics, openPool }) =>
    createChatService({
      sql: openPool(config.databaseUrl, config),
      ownerUrl: config.ownerUrl,
      broker,
      log,
      metrics,
      config: config.service,
      verifier: createTokenVerifier({
        ...config,
        keys: remoteKeys(config.authUrl),
        isLive: remoteLiveSessions(config.authInternalUrl),
        isProven: remoteProvenSessions(config.authInternalUrl),
      }),
      readEndedSessions: remoteEndedSessions(config.authInternalUrl),
      findLastSeen: remoteLastSeen(config.authInternalUrl),
      keepWraps: remoteKeepWraps(config.authInternalUrl),
      resumeSession: remoteResumeSession(config.authInternalUrl),
    }),
)
