import type { PasswordPort } from '../../api/password-port.ts'
import type { Serial } from '../../scheduling/serial.ts'
import type { Store } from '../../storage/store.ts'
import type { Call } from '../../transport/http.ts'
import type { Tokens } from '../../transport/tokens.ts'
import type { AccountState } from './account-state.ts'
import type { SeenWraps } from './seen-wraps.ts'

/** Shared dependencies for sign-up, log-in and key management. */
export interface AccountContext {
  readonly state: AccountState
  readonly storage: Store
  /** Calls without a log-in. */
  readonly call: Call
  /** Calls as the logged-in account. */
  readonly authorized: Call
  readonly tokens: Tokens
  /** See `prove-device.ts`. Concurrent callers share one run. */
  readonly proveLogIn: () => Promise<void>
  readonly password: PasswordPort
  /** The server's. */
  readonly origin: string
  readonly deviceName: string
  readonly refreshIn: 'cookie' | 'body'
  /** Serializes work that reads a version of one of these and then writes or adopts the next. */
  readonly inTurn: Readonly<Record<'keyBox' | 'record' | 'manifest', Serial>>
  readonly seenWraps: SeenWraps
  readonly now: () => number
  readonly random: () => number
  /**
   * The minimum time that this device gives another device of the account to finish its work, such as publishing a
   * manifest for what it has written, or a record of new keys. The actual time is random, up to two and a half times as
   * long.
   */
  readonly ownDeviceWaitMs: number
}
