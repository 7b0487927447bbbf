import type {
  AccountId,
  ConversationId,
  DeviceId,
  EnvelopeId,
  ErrorCode,
  ParticipantRole,
  ParticipantState,
  Protocol,
  WaitingKeys,
} from '@sotto/wire'
import type { Content } from '../content/content.ts'

/** The views of the client: snapshots that change. */

/** Why somebody is not logged in any more. What the server has lost it may find again: then the log-in goes on. */
export type SignedOutReason =
  | 'session_ended'
  /** The server was set back, and has lost the log-in. */
  | 'session_lost'
  | 'storage_lost'
  /** Whoever runs the server has suspended the account. */
  | 'account_suspended'
  /** The server has no such account: it was removed, or the server was set back to before it was made. */
  | 'account_gone'

/** Where the person stands between opening the app and talking. */
export type SessionView =
  | { stage: 'starting' }
  /** Nobody is logged in. `reason` says why somebody who was is not any more. */
  | { stage: 'signed_out'; reason?: SignedOutReason; renewed?: RenewedKeys }
  /** Logged in, and the account has no keys yet: name, picture and keys come next. */
  | { stage: 'needs_profile'; accountId: AccountId; signedUpWith: 'phone' | 'email' }
  /**
   * The keys are made; the recovery code is shown, written `XXXX-XXXX-…` in eight groups, and the
   * group `askedGroup`, counted from 1, has to be typed.
   */
  | {
      stage: 'confirm_recovery'
      accountId: AccountId
      recoveryCode: string
      askedGroup: number
      /** The keys were renewed here, because a device was stolen. */
      isRenewal?: true
    }
  /** Logged in on a new browser: the keys exist, and nothing here opens them yet. */
  | {
      stage: 'locked'
      accountId: AccountId
      ways: readonly ('recovery_code' | 'pem')[]
      /** A device of the account has stopped the new keys that were made here. */
      newKeysStopped?: true
      /** The person renewed the keys on another device: the new recovery code opens them. */
      renewed?: RenewedKeys
    }
  /**
   * New keys are made here and count from `dueAt` on, by the server's clock, unless a device of the account
   * stops them. Until then this device reads and writes nothing.
   */
  | { stage: 'new_keys_wait'; accountId: AccountId; dueAt: number }
  /**
   * Unlocked: every command works from here on, as far as the network does.
   *
   * With `own_key_replaced` the server shows others an identity key for this account that is not the
   * one here: somebody started with new keys on another device, or the server lies. With `renewed` the key here
   * has signed for it: the keys were renewed on another device that had them.
   */
  | { stage: 'ready'; me: OwnProfile; warning?: 'own_key_replaced'; renewed?: RenewedKeys }

/** When the keys of the account were renewed, and on which device. */
export interface RenewedKeys {
  readonly at: number
  /** Null for a device that this one does not know. */
  readonly deviceName: string | null
}

export interface OwnProfile {
  readonly accountId: AccountId
  readonly deviceId: DeviceId
  readonly name: string
  /** A `data:` URL, or null. */
  readonly picture: string | null
  readonly hasRsaKey: boolean
  readonly phone: string | null
  readonly email: string | null
  readonly findable: boolean
  /** Whether a password opens the keys on a new device. */
  readonly hasPassword: boolean
  /** Other own devices that came since this one is here, and that the person has not seen yet. */
  readonly newDevices: readonly NewDevice[]
  /** Somebody who logged in has asked for new keys for this account, and they have not taken effect. */
  readonly waitingKeys: readonly WaitingKeys[]
  /** When the keys were renewed on this device, because another one was stolen. */
  readonly renewedAt: number | null
}

/** A device for which the account's identity key has signed. */
export interface NewDevice {
  readonly deviceId: DeviceId
  /** As it was signed; null if this device cannot open it. */
  readonly name: string | null
  /** When it was signed, by the clock of the device that signed it. */
  readonly signedAt: number
}

/**
 * Whether messages come and go. `catching_up`: the server can be reached, and what it has for this device is
 * not all here yet. `online`: it is.
 */
export type ConnectionView = { state: 'connecting' | 'catching_up' | 'online' | 'offline' }

/**
 * When the server last gave an answer that no command waited for and that cannot be right; the client's
 * own time. Such an answer is not used.
 */
export type DoubtView = {
  readonly untrustedAt: number | null
  /** Protocols of conversations that this version does not know, and therefore does not show. */
  readonly unknownProtocols: readonly string[]
}

/** Why a device cannot keep or read what it has to remember. */
export type StorageProblem =
  /** The browser lets this page keep nothing. */
  | 'storage_blocked'
  | 'storage_full'
  /** A newer version of the app has changed it. */
  | 'storage_newer'
  /** Somebody, or the browser, has deleted it while it was in use. */
  | 'storage_cleared'
  /** It keeps everything but private keys. */
  | 'keys_not_kept'
  | 'storage_failed'

export interface StorageView {
  /** Why this device cannot store what it receives and writes; null while it can. */
  readonly problem: StorageProblem | null
  /** How many stored records could not be read since the app was opened. They are kept, and count as missing. */
  readonly damaged: number
}

/** Another person. Name and picture are from the record signed by the pinned identity key. */
export interface ContactView {
  readonly accountId: AccountId
  readonly name: string
  readonly picture: string | null
  readonly hasRsaKey: boolean
  readonly trust: 'unverified' | 'verified' | 'key_changed'
  /**
   * The name of somebody else whom the person knows, when the two names can be taken for one another;
   * decided on this device. Null for a contact who is verified.
   */
  readonly looksLike: string | null
}

/** Somebody else in a conversation. */
export interface ParticipantView extends ContactView {
  readonly role: ParticipantRole
  /** Everything but `accepted` is shown as `requested`. */
  readonly state: ParticipantState
}

export interface ConversationSummary {
  readonly id: ConversationId
  readonly protocol: Protocol
  readonly peer: ContactView
  /** Everybody else in it, as far as this device knows them; `state` tells how the person has answered. */
  readonly participants: readonly ParticipantView[]
  /**
   * `request`: somebody unknown wrote; show neither name nor picture nor text until the person asks.
   * `waiting`: our own request is unanswered. `ended`: the server has it no more, because the other person's
   * account is gone or, after a restore, because the two have another one; what is here stays.
   */
  readonly state: 'request' | 'waiting' | 'open' | 'declined' | 'blocked' | 'ended'
  readonly last: {
    readonly content: Content
    /** One line that stands for the content; empty where the app has words for it. */
    readonly text: string
    readonly sender: AccountId
    readonly mine: boolean
    readonly at: number
  } | null
  readonly lastStatus: MessageStatus | null
  /** Shown as "99+" above 99. */
  readonly unread: number
  readonly typing: boolean
  readonly updatedAt: number
  readonly draft: string
}

export type MessageStatus = 'waiting' | 'accepted' | 'delivered' | 'read' | 'failed'

/** `untrusted_answer`: the server accepted it, and then the log did not have it. */
export type MessageFailure = ErrorCode | 'key_changed' | 'no_rsa_key' | 'untrusted_answer'

export interface Message {
  readonly kind: 'message'
  readonly id: EnvelopeId
  /** null until accepted. */
  readonly seq: number | null
  readonly sender: AccountId
  readonly mine: boolean
  readonly content: Content
  /** One line that stands for the content; empty where the app has words for it. */
  readonly text: string
  /** For own messages; `accepted` for those of others. */
  readonly status: MessageStatus
  /** Why it failed, where it did. */
  readonly failure: MessageFailure | null
  /** The server's time of acceptance, or the device's while waiting. For display only. */
  readonly at: number
  readonly deviceId: DeviceId
}

/** Something other than a message that the person has to see in its place. */
export type TimelineNotice =
  /** `count` messages of one device did not arrive between the two neighbours. */
  | { kind: 'gap'; key: string; count: number; mine: boolean }
  /** The next message names this device as its sender, and was not written here. */
  | { kind: 'not_written_here'; key: string }
  /** The server showed a message after one that was written later. */
  | { kind: 'out_of_order'; key: string; mine: boolean }
  /** An envelope that is not what it claims, cannot be opened, or was shown before. */
  | {
      kind: 'unreadable'
      key: string
      seq: number
      at: number
      mine: boolean
      reason: UnreadableReason
    }
  | { kind: 'key_changed'; key: string; accountId: AccountId; at: number }
  /** The contact renewed their keys, and the former ones signed for the new ones. */
  | { kind: 'keys_renewed'; key: string; accountId: AccountId; at: number; isVerified: boolean }

export type UnreadableReason =
  /** Does not open with the keys of the two people. */
  | 'cannot_decrypt'
  /** Opens, and inside it belongs to another place, message or sender. */
  | 'misplaced'
  /** A message that was shown already, sent again by the server. */
  | 'replayed'
  /** Its sending device is not one of the sender's. */
  | 'unknown_device'
  /** Written to or from keys this account no longer has. */
  | 'key_lost'

export interface TimelineView {
  readonly conversationId: ConversationId
  /** In the order of the log; what is not accepted yet comes last. */
  readonly items: readonly (Message | TimelineNotice)[]
  readonly hasOlder: boolean
  readonly loadingOlder: boolean
  /** The own read mark when the conversation was opened: where "new" begins. */
  readonly readSeq: number
}

/** Each view by name; those with `: string` take the id of what they show. */
export interface Views {
  session: SessionView
  connection: ConnectionView
  doubt: DoubtView
  storage: StorageView
  conversations: readonly ConversationSummary[]
  contacts: readonly ContactView[]
  timeline: TimelineView
}

/** Which snapshot a subscriber wants. */
export type ViewKey =
  | { view: 'session' }
  | { view: 'connection' }
  | { view: 'doubt' }
  | { view: 'storage' }
  | { view: 'conversations' }
  | { view: 'contacts' }
  | { view: 'timeline'; conversationId: ConversationId }
