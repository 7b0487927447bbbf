import type { EventOutbox, RateLimits, ResumeSession, Sql } from '@sotto/service-runtime'
import type { EraGuard } from './guard-era.ts'

/** What every domain function of the chat service may use. */
export interface ChatContext {
  readonly sql: Sql
  readonly outbox: EventOutbox
  readonly eras: EraGuard
  readonly limits: RateLimits<keyof typeof chatLimits>
  readonly resumeSession: ResumeSession
  /** Whether the list of members is open. */
  readonly isDirectoryOpen: boolean
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** By account, but for `proofsByNetwork`. */
export const chatLimits = {
  contact_requests: { points: 50, seconds: 24 * 60 * 60 },
  proofsByNetwork: { points: 3000, seconds: 600 },
} as const
