import type {
  EventOutbox,
  FindLastSeen,
  KeepWraps,
  RateLimits,
  ResumeSession,
  Sql,
} from '@sotto/service-runtime'
import type { Protocol } from '@sotto/wire'
import type { EraGuard } from './domain/eras/guard-era.ts'
import type { Quotas } from './domain/usage/quotas.ts'
import type { ChatLimit } from './limits.ts'

/** The dependencies of the chat service's domain functions. */
export interface ChatContext {
  readonly sql: Sql
  readonly outbox: EventOutbox
  readonly eras: EraGuard
  readonly limits: RateLimits<ChatLimit>
  readonly quotas: Quotas
  readonly resumeSession: ResumeSession
  readonly keepWraps: KeepWraps
  readonly findLastSeen: FindLastSeen
  /** How long new keys wait for an account in use; 0 means not at all. */
  readonly newKeysDelayMs: number
  /** Whether members may list each other. */
  readonly isDirectoryOpen: boolean
  /** How many accounts a conversation in each protocol may have. */
  readonly maxParticipants: Readonly<Record<Protocol, number>>
  /** Milliseconds since 1970. */
  readonly now: () => number
}
