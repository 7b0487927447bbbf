import type { AuthContext } from './context.ts'
import { continueRemovals } from './domain/accounts/remove-account.ts'
import { announceEnded } from './domain/ended-sessions/end-sessions.ts'
import { authRetention } from './retention.ts'
import * as challenges from './store/challenges.ts'
import * as invitations from './store/invitations.ts'
import * as keptWraps from './store/kept-wraps.ts'
import * as knownNetworks from './store/known-networks.ts'
import * as loginAttempts from './store/login-attempts.ts'
import * as refreshTokens from './store/refresh-tokens.ts'
import * as sessions from './store/sessions.ts'
import * as tickets from './store/tickets.ts'

/**
 * Deletes expired data, ends the sessions that can no longer be continued, and continues removals.
 */
export async function sweep(context: AuthContext) {
  const { sql, outbox } = context
  const now = new Date(context.now())
  const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000)
  await challenges.removeExpired(sql, now)
  await tickets.removeExpired(sql, now)
  await invitations.removeExpired(sql, now)
  await knownNetworks.removeExpired(sql, now)
  await loginAttempts.removeExpired(sql, now)
  await keptWraps.removeBefore(sql, ago(authRetention.kept_wraps))
  await refreshTokens.removeUsedBefore(sql, ago(authRetention.refresh_tokens))
  await sessions.removeEndedBefore(sql, ago(authRetention.sessions_ended))
  await sql.begin(async (tx) => {
    const unused = ago(authRetention.sessions)
    await announceEnded(tx, outbox, await sessions.endUnusedSince(tx, unused, now))
  })
  outbox.kick()
  await continueRemovals(context)
}
