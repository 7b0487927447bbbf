import type { EventOutbox, RateLimits, Sql } from '@sotto/service-runtime'
import type { EraGuard } from './guard-era.ts'

/** What every domain function of the chat service may use. */
export interface ChatContext {
  readonly sql: Sql
  readonly outbox: EventOutbox
  readonly eras: EraGuard
  readonly limits: RateLimits<keyof typeof chatLimits>
  /** Whether the list of members is open. */
  readonly isDirectoryOpen: boolean
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** Contact requests to strangers, per account and day. */
export const chatLimits = { contact_requests: { points: 50, seconds: 24 * 60 * 60 } } as const
