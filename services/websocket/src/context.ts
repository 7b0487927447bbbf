import type {
  Broker,
  Logger,
  Metrics,
  Proxies,
  ReadEndedSessions,
  TokenVerifier,
} from '@sotto/service-runtime'
import type { WebsocketConfig } from './settings.ts'

/** What a started instance of this service works with. */
export interface WebsocketContext {
  readonly broker: Broker
  readonly log: Logger
  readonly config: WebsocketConfig
  readonly verifier: TokenVerifier
  readonly readEndedSessions: ReadEndedSessions
  readonly metrics: Metrics
  readonly proxies: Proxies | undefined
}
