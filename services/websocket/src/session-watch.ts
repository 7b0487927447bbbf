import type { Broker, Subscription, TokenVerifier } from '@sotto/service-runtime'
import { CloseCode } from '@sotto/wire'
import type { EnvelopeCollector } from './collect-batch.ts'
import type { Connections } from './connections.ts'

/**
 * Ends the connections of every session that ends, hands on nothing more of it, and lets none of its
 * tokens in again.
 */
export function watchSessions(
  broker: Broker,
  verifier: TokenVerifier,
  connections: Connections,
  envelopes: EnvelopeCollector,
): Promise<Subscription> {
  return broker.subscribeAll(({ sessionId, accountId }) => {
    // First: a token that is being verified at this moment must not slip in.
    verifier.endSession(sessionId)
    for (const connection of connections.ofAccount(accountId)) {
      if (connection.actor?.sessionId !== sessionId) continue
      connection.refuse('unauthenticated')
      connection.close(CloseCode.sessionEnded)
    }
    envelopes.forget(sessionId)
  })
}
