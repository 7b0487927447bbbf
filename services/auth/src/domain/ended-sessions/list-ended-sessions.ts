import type { EndedSessions } from '@sotto/service-runtime'
import type { AuthContext } from '../../context.ts'
import * as sessions from '../../store/sessions.ts'

/** Longer than any access token of an ended session can still be valid. */
const ACCESS_TOKENS_OUTLIVED_MS = 20 * 60 * 1000

/**
 * The sessions that ended after `since` (milliseconds since 1970), but none of so long ago that no
 * token can be about it any more.
 */
export async function listEndedSessions(
  { sql, now }: Pick<AuthContext, 'sql' | 'now'>,
  since = 0,
): Promise<EndedSessions> {
  const readAt = now()
  const after = Math.max(since, readAt - ACCESS_TOKENS_OUTLIVED_MS)
  return { readAt, sessions: await sessions.listEndedSince(sql, new Date(after)) }
}
