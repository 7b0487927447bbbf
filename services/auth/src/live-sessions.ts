import {
  createTokenVerifier,
  DomainError,
  type IsLiveSession,
  type IsProvenSession,
  type Sql,
  type TokenVerifier,
} from '@sotto/service-runtime'
import * as sessions from './store/sessions.ts'

/** What this service reports to others about sessions. */
export function knownSessions(sql: Sql): {
  readonly isLiveSession: IsLiveSession
  readonly isProvenSession: IsProvenSession
} {
  return {
    isLiveSession: async (actor) => (await sessions.areLive(sql, [actor]))[0] ?? false,
    isProvenSession: async (actor) => (await sessions.areProven(sql, [actor]))[0] ?? false,
  }
}

/**
 * The verifier of this service. It also checks in the database each time whether the session is
 * live: the actions of this service are worth one more query, and must not depend on the arrival of
 * an event.
 */
export function createOwnVerifier(
  sql: Sql,
  options: Omit<Parameters<typeof createTokenVerifier>[0], 'isLive' | 'isProven'>,
): TokenVerifier {
  const { isLiveSession: isLive, isProvenSession: isProven } = knownSessions(sql)
  const verifier = createTokenVerifier({ ...options, isLive, isProven })
  const alive = (verify: TokenVerifier['verify']) => async (token: string) => {
    const verified = await verify(token)
    if (!(await isLive(verified.actor))) throw new DomainError('unauthenticated')
    return verified
  }
  return {
    endSession: verifier.endSession,
    verify: alive(verifier.verify),
    verifyLogIn: alive(verifier.verifyLogIn),
  }
}
