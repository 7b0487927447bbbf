import type {
  Broker,
  Logger,
  Metrics,
  Proxies,
  ReadEndedSessions,
  TokenVerifier,
} from '@sotto/service-runtime'
import type { WebsocketConfig } from './settings.ts'

/** The parts of a started instance of this service. */
export interface WebsocketContext {
  readonly broker: Broker
  readonly log: Logger
  readonly config: WebsocketConfig
  readonly verifier: TokenVerifier
  readonly readEndedSessions: ReadEndedSessions
  readonly metrics: Metrics
  readonly proxies: Proxies | undefined
}
