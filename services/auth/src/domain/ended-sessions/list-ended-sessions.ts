import type { EndedSessions } from '@sotto/service-runtime'
import type { AuthContext } from '../../context.ts'
import * as sessions from '../../store/sessions.ts'

/** Longer than the lifetime of any access token of an ended session. */
const ACCESS_TOKENS_OUTLIVED_MS = 20 * 60 * 1000

/**
 * The sessions that ended after `since` (milliseconds since 1970), except those that ended so long
 * ago that no valid token can refer to them.
 */
export async function listEndedSessions(
  { sql, now }: Pick<AuthContext, 'sql' | 'now'>,
  since = 0,
): Promise<EndedSessions> {
  const readAt = now()
  const after = Math.max(since, readAt - ACCESS_TOKENS_OUTLIVED_MS)
  return { readAt, sessions: await sessions.listEndedSince(sql, new Date(after)) }
}
