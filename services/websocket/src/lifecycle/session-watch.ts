import {
  type Broker,
  followEndedSessions,
  type Logger,
  type ReadEndedSessions,
  type Subscription,
  type TokenVerifier,
} from '@sotto/service-runtime'
import { CloseCode } from '@sotto/wire'
import type { EnvelopeCollector } from '../batching/collect-batch.ts'
import type { Connections } from '../connections/connections.ts'

/**
 * Ends the connections of every session that ends, hands on nothing more of it, and lets none of its
 * tokens in again.
 */
export function watchSessions(deps: {
  readonly broker: Broker
  readonly log: Logger
  readonly verifier: TokenVerifier
  readonly readEndedSessions: ReadEndedSessions
  readonly connections: Connections
  readonly envelopes: EnvelopeCollector
}): Promise<Subscription> {
  const { broker, log, readEndedSessions, verifier, connections, envelopes } = deps
  return followEndedSessions({
    broker,
    log,
    read: readEndedSessions,
    onEnded({ sessionId, accountId }) {
      // First: a token that is being verified at this moment must not slip in.
      verifier.endSession(sessionId)
      for (const connection of connections.ofAccount(accountId)) {
        if (connection.actor?.sessionId !== sessionId) continue
        connection.refuse('unauthenticated')
        connection.close(CloseCode.sessionEnded)
      }
      envelopes.forget(sessionId)
    },
  })
}
