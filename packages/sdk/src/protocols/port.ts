import type { Content as OpenedContent, OutgoingContent } from '@sotto/crypto'
import type { Protocol, StoredEnvelope } from '@sotto/wire'
import type { Me } from '../account/state/account-state.ts'
import type { ConversationRecord } from '../conversations/conversation-record.ts'
import type { ContactRecord } from '../storage/records/contacts.ts'
import type { Participant, ProtocolState } from '../storage/records/conversations.ts'
import type { WrittenTo } from '../storage/records/log.ts'
import type { ContactDevice } from '../storage/verified-account.ts'

/**
 * How the messages of a conversation are protected. One implementation for each protocol; nothing outside this folder
 * asks which protocol a conversation has.
 *
 * A protocol may have a state (keys of an epoch, ratchets). It gets the state with the conversation and returns the
 * next one, which is stored in the same step as what it belongs to: before an envelope leaves the device, and
 * together with the log entry that an envelope became.
 */
export interface ConversationProtocol {
  readonly name: Protocol
  readonly properties: ProtocolProperties
  /** What the own account has to publish before it can take part. */
  prepare(conversation: ConversationRecord): 'nothing' | 'rsa_key'
  /** Seals content for everybody in the conversation. Throws `key_changed` or `no_rsa_key`. */
  seal(sealing: Sealing): Promise<Sealed>
  /** Opens an envelope that one of `devices` may have sent. */
  open(opening: Opening): Promise<Opened>
  /**
   * Whom opened content was written to, for a message of this account; an empty record for messages of others.
   * `key_lost`: to keys that this account has given up. Undefined: to somebody else.
   */
  recipients(opening: Opening, content: OpenedContent): Promise<WrittenTo | 'key_lost' | undefined>
}

/** What a protocol gives and does not give. */
export interface ProtocolProperties {
  /** Whether each envelope is opened with the state that the one before it left. */
  readonly isStateful: boolean
  /** Whether a stolen key leaves earlier messages closed. */
  readonly forwardSecrecy: boolean
  /** Whether a conversation recovers after a key was stolen and the thief is gone. */
  readonly postCompromiseSecurity: boolean
  readonly postQuantum: boolean
}

/** The people of a conversation, as far as this device has verified them. */
export interface People {
  readonly me: Me
  /** The own account, with its other devices. */
  readonly self: ContactRecord
  /** Everybody else. */
  readonly others: readonly ContactRecord[]
}

/** The input for sealing one message. */
export interface Sealing extends Pick<People, 'me' | 'others'> {
  readonly conversation: ConversationRecord
  /** Everything but whom it is encrypted to. */
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
  /** It changes the keys or the participants and shows nothing. */
  | {
      readonly kind: 'advanced'
      readonly state: ProtocolState
      readonly participants?: Readonly<Record<string, Participant>>
    }
  | { readonly kind: 'closed'; readonly reason: 'cannot_decrypt' | 'key_lost' }

/** Every protocol of this version. */
export type Protocols = Readonly<Record<Protocol, ConversationProtocol>>
