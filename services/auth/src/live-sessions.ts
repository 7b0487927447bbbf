import {
  createTokenVerifier,
  DomainError,
  type IsLiveSession,
  type IsProvenSession,
  type Sql,
  type TokenVerifier,
} from '@sotto/service-runtime'
import * as sessions from './store/sessions.ts'

/** What this service tells the others of sessions. */
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
 * The verifier of this service. It also asks the database each time whether the session goes on: what this service
 * does is worth one more query, and it must not depend on an event to arrive.
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
