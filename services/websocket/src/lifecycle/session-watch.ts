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
 * Closes the connections of every session that ends, passes on nothing more from it, and rejects
 * its tokens from then on.
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
      // First, so that a token that is currently being verified cannot slip in.
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
