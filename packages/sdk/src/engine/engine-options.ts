import type { AccountContext } from '../account/state/account-context.ts'
import type { UnlockedContext } from '../account/state/unlocked-context.ts'
import type { CreateProtocols } from '../protocols/protocols.ts'
import type { ConnectionDependencies } from '../transport/connection.ts'

/** What `Engine` needs from its account, and the callbacks that it invokes. */
export interface EngineOptions {
  readonly account: AccountContext
  readonly context: UnlockedContext
  /** By default, the protocols of this version. They aren't part of the first page. */
  readonly createProtocols: CreateProtocols | undefined
  /** Sends the remaining uploads after keys were made or opened. */
  readonly uploads: () => Promise<void>
  readonly network: Pick<
    ConnectionDependencies,
    'origin' | 'createWebSocket' | 'watchNetwork' | 'suspect' | 'onSessionEnd'
  >
  /** The server says that this device isn't enrolled. */
  readonly onNotEnrolled: () => void
  /** Our account's displayed data has changed. */
  readonly onOwnChange: () => void
  /** An error that no command is waiting for. */
  readonly onError: (error: unknown) => void
}
