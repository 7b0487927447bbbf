import type { PasswordPort } from '../api/password-port.ts'
import type { CreateProtocols } from '../protocols/protocols.ts'
import type { Storage } from '../storage/storage.ts'
import type { Network } from '../transport/network.ts'

export interface ChatClientOptions extends Partial<Network> {
  /** The server's: `https://chat.example`. */
  readonly origin: string
  /** Where this device keeps its data. Only one client may use a storage at a time. */
  readonly storage: Storage
  /** The name that the person gave this device. Only the account's own devices learn it. */
  readonly deviceName: string
  /** Browsers keep the refresh token in a cookie that scripts can't read; others store it. */
  readonly refreshIn: 'cookie' | 'body'
  /** In Node, `@sotto/sdk/password`; in a browser, the same entry inside a worker. */
  readonly password: PasswordPort
  readonly now?: () => number
  readonly random?: () => number
  /** See `AccountContext`. 2,000 by default. */
  readonly ownDeviceWaitMs?: number
  /** The protocols behind the port. By default, those of this version. */
  readonly createProtocols?: CreateProtocols
  /** Receives errors that no command is waiting for: a `ClientError`, or anything else, which is a bug. */
  readonly onError?: (error: unknown) => void
}
