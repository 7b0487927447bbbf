import { DomainError, type Sql, type TokenVerifier } from '@sotto/service-runtime'
import * as sessions from './store/sessions.ts'

/**
 * Also asks the database whether the session goes on: what this service does is worth one more query,
 * and it must not depend on an event to arrive.
 */
export function onlyLiveSessions(sql: Sql, verifier: TokenVerifier): TokenVerifier {
  return {
    endSession: verifier.endSession,
    async verify(token) {
      const verified = await verifier.verify(token)
      const [isLive] = await sessions.areLive(sql, [verified.actor])
      if (!isLive) throw new DomainError('unauthenticated')
      return verified
    },
  }
}
