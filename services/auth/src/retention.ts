import {
  MAX_INVITATION_DAYS,
  ONE_TIME_CODE_TTL_SECONDS,
  REFRESH_TOKEN_TTL_SECONDS,
} from '@sotto/wire'
import { KEPT_KEYS_DAYS } from '@sotto/wire/operator'

const DAY = 86_400

/** How many rows are kept, however fast they come, so that nobody fills the disk with them. */
export const authBounds = {
  /** Of an account; those that ended in the last hour are kept in any case, because tokens of them may live. */
  endedSessions: 200,
  /** Of a session: three weeks of a device that is always on, more than `refresh_tokens` says below. */
  usedRefreshTokens: 2_000,
} as const

/** For how many seconds rows are kept that serve a log-in; docs/operating.md lists them with all others. */
export const authRetention = {
  challenges: ONE_TIME_CODE_TTL_SECONDS,
  tickets: 600,
  /** At most: the maker says how long. */
  invitations: MAX_INVITATION_DAYS * DAY,
  login_attempts: 120,
  /** After the last log-in from there. */
  known_networks: 30 * DAY,
  /** After they were replaced. */
  kept_wraps: KEPT_KEYS_DAYS * DAY,
  /** Without use; then it ends. */
  sessions: REFRESH_TOKEN_TTL_SECONDS,
  /**
   * After the session has ended: longer than any of its tokens could be used, so that a token of a session
   * that is not here at all is one that the database has lost.
   */
  sessions_ended: REFRESH_TOKEN_TTL_SECONDS + DAY,
  /** Used ones: a second use is taken for theft as long as the first is known. */
  refresh_tokens: 14 * DAY,
} as const
