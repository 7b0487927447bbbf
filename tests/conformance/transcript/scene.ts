import type { ConversationId, Protocol } from '@sotto/wire'
import type { RawDevice } from '../raw/raw-device.ts'
import type { Peer } from '../raw/raw-messages.ts'
import type { RawSocket } from '../raw/raw-socket.ts'
import type { Recording } from './recording.ts'
import type { StableValues } from './stable-values.ts'

/** Two people with a device each, and the recording of everything. */
export interface Scene {
  readonly recording: Recording
  readonly values: StableValues
  readonly alice: RawDevice
  readonly bob: RawDevice
  /** The connection of Alice's phone; another one once the first is lost. */
  phone: RawSocket
  readonly bobs: RawSocket
  /** Bob, as Alice has verified him. */
  readonly pinned: Peer
  /** Alice, as Bob has verified her, once he has heard of her. */
  pinnedByBob?: Peer
}

/** A conversation of the two. */
export interface Talk {
  readonly id: ConversationId
  readonly protocol: Protocol
}
