import type {
  EventOutbox,
  FindLastSeen,
  KeepWraps,
  RateLimits,
  ResumeSession,
  Sql,
} from '@sotto/service-runtime'
import type { EraGuard } from './domain/eras/guard-era.ts'
import type { Quotas } from './domain/usage/quotas.ts'
import type { ChatLimit } from './limits.ts'

/** What every domain function of the chat service may use. */
export interface ChatContext {
  readonly sql: Sql
  readonly outbox: EventOutbox
  readonly eras: EraGuard
  readonly limits: RateLimits<ChatLimit>
  readonly quotas: Quotas
  readonly resumeSession: ResumeSession
  readonly keepWraps: KeepWraps
  readonly findLastSeen: FindLastSeen
  /** How long new keys for an account in use wait; 0 for not at all. */
  readonly newKeysDelayMs: number
  /** Whether the list of members is open. */
  readonly isDirectoryOpen: boolean
  /** Milliseconds since 1970. */
  readonly now: () => number
}
