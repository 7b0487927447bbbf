import { ONE_TIME_CODE_TTL_SECONDS, REFRESH_TOKEN_TTL_SECONDS } from '@sotto/wire'

const DAY = 86_400

/** For how many seconds rows are kept that serve a log-in; docs/operating.md lists them with all others. */
export const authRetention = {
  challenges: ONE_TIME_CODE_TTL_SECONDS,
  tickets: 600,
  login_attempts: 120,
  /** After the last log-in from there. */
  known_networks: 30 * DAY,
  /** Without use; then it ends. */
  sessions: REFRESH_TOKEN_TTL_SECONDS,
  /** After the session has ended. */
  sessions_ended: 14 * DAY,
  /** Used ones: a second use is taken for theft as long as the first is known. */
  refresh_tokens: 14 * DAY,
} as const
