import type { AccountContext } from '../account/state/account-context.ts'
import type { TalkContext } from '../account/state/talk-context.ts'
import type { CreateProtocols } from '../protocols/protocols.ts'
import type { ConnectionDependencies } from '../transport/connection.ts'

/** What `Talk` needs from its account, and the callbacks that it invokes. */
export interface TalkOptions {
  readonly account: AccountContext
  readonly context: TalkContext
  readonly createProtocols: CreateProtocols
  /** Sends the remaining uploads after keys were made or opened. */
  readonly uploads: () => Promise<void>
  /** The server says that this device isn't enrolled. */
  readonly notEnrolled: () => void
  readonly network: Pick<
    ConnectionDependencies,
    'origin' | 'createWebSocket' | 'watchNetwork' | 'suspect' | 'sessionEnded'
  >
  /** Our account's displayed data has changed. */
  readonly ownChanged: () => void
  /** An error that no command is waiting for. */
  readonly failed: (error: unknown) => void
}
