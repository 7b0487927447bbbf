import type { ConversationId, Protocol } from '@sotto/wire'
import type { RawDevice } from '../raw/raw-device.ts'
import type { Peer } from '../raw/raw-messages.ts'
import type { RawSocket } from '../raw/raw-socket.ts'
import type { Recording } from './recording.ts'
import type { StableValues } from './stable-values.ts'

/** Two people with one device each, and the recording of everything. */
export interface Scene {
  readonly recording: Recording
  readonly values: StableValues
  readonly alice: RawDevice
  readonly bob: RawDevice
  /** The connection of Alice's phone; replaced when it is lost. */
  phone: RawSocket
  readonly bobs: RawSocket
  /** Bob, as Alice has verified him. */
  readonly pinned: Peer
  /** Alice, as Bob has verified her; undefined until he hears of her. */
  pinnedByBob?: Peer
}

/** A conversation between the two. */
export interface Talk {
  readonly id: ConversationId
  readonly protocol: Protocol
}
