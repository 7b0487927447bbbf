import { REFRESH_TOKEN_TTL_SECONDS } from '@sotto/wire'
import type { AuthContext } from '../context.ts'
import * as challenges from '../store/challenges.ts'
import * as loginAttempts from '../store/login-attempts.ts'
import * as refreshTokens from '../store/refresh-tokens.ts'
import * as sessions from '../store/sessions.ts'
import * as tickets from '../store/tickets.ts'
import { announceEnded } from './end-sessions.ts'

const DAY_MS = 86_400_000
/** How long a used refresh token is known, and its second use is taken for theft. */
const REMEMBER_USED_TOKENS_MS = 14 * DAY_MS

/** Removes what has expired, and ends the sessions that nobody can continue. */
export async function sweep(context: AuthContext) {
  const { sql, outbox } = context
  const now = new Date(context.now())
  const ago = (ms: number) => new Date(now.getTime() - ms)
  await challenges.removeExpired(sql, now)
  await tickets.removeExpired(sql, now)
  await loginAttempts.removeExpired(sql, now)
  await refreshTokens.removeUsedBefore(sql, ago(REMEMBER_USED_TOKENS_MS))
  await sessions.removeEndedBefore(sql, ago(REMEMBER_USED_TOKENS_MS))
  await sql.begin(async (tx) => {
    const unused = ago(REFRESH_TOKEN_TTL_SECONDS * 1000)
    await announceEnded(tx, outbox, await sessions.endUnusedSince(tx, unused, now))
  })
  outbox.kick()
}
