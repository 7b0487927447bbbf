import type { Content as OpenedContent, OutgoingContent } from '@sotto/crypto'
import type { Protocol, StoredEnvelope } from '@sotto/wire'
import type { Me } from '../account/state/account-state.ts'
import type { ConversationRecord } from '../conversations/conversation-record.ts'
import type { ContactRecord } from '../storage/records/contacts.ts'
import type { Participant, ProtocolState } from '../storage/records/conversations.ts'
import type { WrittenTo } from '../storage/records/log.ts'
import type { ContactDevice } from '../storage/verified-account.ts'

/**
 * How a conversation's messages are protected. There is one implementation per protocol; nothing outside this folder
 * depends on which one a conversation uses.
 *
 * A protocol may have a state (epoch keys, ratchets). It receives the state with the conversation and returns the next
 * one, which is stored in the same step as the data it belongs to: before an envelope leaves the device, and together
 * with the log entry that an envelope became.
 */
export interface ConversationProtocol {
  readonly name: Protocol
  /** Whether opening an envelope needs the state left by the previous one. */
  readonly isStateful: boolean
  /** What our account must publish before it can use the conversation. */
  prepare(conversation: ConversationRecord): 'nothing' | 'rsa_key'
  /** Seals content for everyone in the conversation. Throws `key_changed` or `no_rsa_key`. */
  seal(sealing: Sealing): Promise<Sealed>
  /** Opens an envelope that one of `devices` may have sent. */
  open(opening: Opening): Promise<Opened>
  /**
   * For a message of this account: the recipients of opened content; an empty record for messages of others.
   * `key_lost`: it was written to keys that this account has abandoned. Undefined: it was written to a different
   * account.
   */
  recipients(opening: Opening, content: OpenedContent): Promise<WrittenTo | 'key_lost' | undefined>
}

/** A conversation's participants, as verified by this device. */
export interface People {
  readonly me: Me
  /** Our account, with its other devices. */
  readonly self: ContactRecord
  /** The other participants. */
  readonly others: readonly ContactRecord[]
}

/** The input for sealing one message. */
export interface Sealing extends Pick<People, 'me' | 'others'> {
  readonly conversation: ConversationRecord
  /** Everything except the recipients. */
  readonly content: Omit<OutgoingContent, 'to'>
}

export interface Sealed {
  readonly ciphertext: string
  readonly writtenTo: WrittenTo
  /** The next state, for a protocol that has one. */
  readonly state?: ProtocolState
}

/** The input for opening one envelope. */
export interface Opening extends People {
  readonly conversation: ConversationRecord
  readonly envelope: StoredEnvelope
  readonly sender: ContactRecord
  readonly isMine: boolean
  /** The verified devices with the sender's device id. */
  readonly devices: readonly ContactDevice[]
}

export type Opened =
  | { readonly kind: 'content'; readonly content: OpenedContent; readonly state?: ProtocolState }
  /** It changes the keys or the participants, and shows nothing. */
  | {
      readonly kind: 'advanced'
      readonly state: ProtocolState
      readonly participants?: Readonly<Record<string, Participant>>
    }
  | { readonly kind: 'closed'; readonly reason: 'cannot_decrypt' | 'key_lost' }

/** Every protocol of this version. */
export type Protocols = Readonly<Record<Protocol, ConversationProtocol>>
