import {
  MAX_INVITATION_DAYS,
  ONE_TIME_CODE_TTL_SECONDS,
  REFRESH_TOKEN_TTL_SECONDS,
} from '@sotto/wire'
import { KEPT_KEYS_DAYS } from '@sotto/wire/operator'

const DAY = 86_400

/**
 * The maximum number of rows, however fast they arrive, so that no one can fill the disk with them.
 */
export const authBounds = {
  /**
   * Per account. Those that ended in the last hour are kept in any case, because their tokens may
   * still be valid.
   */
  endedSessions: 200,
  /**
   * Per session: three weeks of a device that is always on, which is longer than `refresh_tokens`
   * below.
   */
  usedRefreshTokens: 2_000,
} as const

/**
 * How many seconds rows that serve a log-in are kept. docs/operating.md lists them with all others.
 */
export const authRetention = {
  challenges: ONE_TIME_CODE_TTL_SECONDS,
  tickets: 600,
  /** At most; the creator chooses the lifetime. */
  invitations: MAX_INVITATION_DAYS * DAY,
  login_attempts: 120,
  /** After the last log-in from there. */
  known_networks: 30 * DAY,
  /** After they were replaced. */
  kept_wraps: KEPT_KEYS_DAYS * DAY,
  /** Without use; then the session ends. */
  sessions: REFRESH_TOKEN_TTL_SECONDS,
  /**
   * After the session has ended: longer than any of its tokens is valid, so that a token of a
   * session that does not exist here must have been lost by the database.
   */
  sessions_ended: REFRESH_TOKEN_TTL_SECONDS + DAY,
  /** Used tokens. A second use counts as theft as long as the first is known. */
  refresh_tokens: 14 * DAY,
} as const
