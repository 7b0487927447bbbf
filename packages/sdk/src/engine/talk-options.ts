import type { AccountContext } from '../account/state/account-context.ts'
import type { TalkContext } from '../account/state/talk-context.ts'
import type { CreateProtocols } from '../protocols/protocols.ts'
import type { ConnectionDependencies } from '../transport/connection.ts'

/** What talking needs of the account that it is for, and whom it tells. */
export interface TalkOptions {
  readonly account: AccountContext
  readonly context: TalkContext
  readonly createProtocols: CreateProtocols
  /** What is left of making or opening the keys. */
  readonly uploads: () => Promise<void>
  /** The server says that this device is not enrolled. */
  readonly notEnrolled: () => void
  readonly network: Pick<
    ConnectionDependencies,
    'origin' | 'createWebSocket' | 'watchNetwork' | 'suspect' | 'sessionEnded'
  >
  /** The own account shows something else than before. */
  readonly ownChanged: () => void
  /** Something failed that no command waits for. */
  readonly failed: (error: unknown) => void
}
