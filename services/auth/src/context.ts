import type { Broker, EventOutbox, Logger, RateLimits, Sql } from '@sotto/service-runtime'
import type { SignUpMode } from '@sotto/wire'
import type { CountryCode } from 'libphonenumber-js/max'
import type { Channel } from './addresses/destination.ts'
import type { AuthLimit } from './limits.ts'
import type { LogInWay } from './measure.ts'
import type { AccessTokens } from './secrets/access-tokens.ts'
import type { Opaque } from './secrets/opaque.ts'
import type { SpendSms } from './sms-budget.ts'

/** The dependencies of this service's domain functions. */
export interface AuthContext {
  readonly sql: Sql
  readonly outbox: EventOutbox
  readonly limits: RateLimits<AuthLimit>
  readonly spendSms: SpendSms
  readonly tokens: AccessTokens
  readonly opaque: Opaque
  readonly countLogIn: (way: LogInWay) => void
  readonly sendJob: Broker['sendJob']
  /** The channels through which codes are sent. */
  readonly channels: readonly Channel[]
  readonly codePepper: string
  /** Who may create an account. */
  readonly signUp: SignUpMode
  /** Whether members may invite others. */
  readonly membersInvite: boolean
  readonly defaultCountry: CountryCode | undefined
  /** Codes are sent to numbers with one of these prefixes; to all if undefined. */
  readonly phonePrefixes: readonly string[] | undefined
  readonly log: Logger
  /** Milliseconds since 1970. */
  readonly now: () => number
}
