import type { PasswordPort } from '../../api/password-port.ts'
import type { Serial } from '../../scheduling/serial.ts'
import type { Store } from '../../storage/store.ts'
import type { Call } from '../../transport/http.ts'
import type { Tokens } from '../../transport/tokens.ts'
import type { AccountState } from './account-state.ts'
import type { SeenWraps } from './seen-wraps.ts'

/** What signing up, logging in and looking after one's keys work with. */
export interface AccountContext {
  readonly state: AccountState
  readonly storage: Store
  /** Without a log-in. */
  readonly call: Call
  /** As the account that is logged in. */
  readonly authorized: Call
  readonly tokens: Tokens
  /** See `prove-device.ts`; once for all who ask at the same time. */
  readonly proveLogIn: () => Promise<void>
  readonly password: PasswordPort
  /** Of the server. */
  readonly origin: string
  readonly deviceName: string
  readonly refreshIn: 'cookie' | 'body'
  /** One after the other: what reads a version of one of these and then writes or adopts the next one. */
  readonly inTurn: Readonly<Record<'keyBox' | 'record' | 'manifest', Serial>>
  readonly seenWraps: SeenWraps
  readonly now: () => number
  readonly random: () => number
  /**
   * How long, at least, this device leaves it to another own device to finish what it has begun: to publish a
   * manifest for what it has written, or a record of new keys; up to two and a half times as long, by chance.
   */
  readonly ownDeviceWaitMs: number
}
