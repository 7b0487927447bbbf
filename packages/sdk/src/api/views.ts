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

/** The client's views: snapshots that change. */

/** Why the person was logged out. The server may find lost data again; then the log-in continues. */
export type SignedOutReason =
  | 'session_ended'
  /** The server was restored from a backup and has lost the log-in. */
  | 'session_lost'
  | 'storage_lost'
  /** The server's operator has suspended the account. */
  | 'account_suspended'
  /** The server has no such account: it was removed, or the server was restored to a time before it existed. */
  | 'account_gone'

/** The person's progress from opening the app to chatting. */
export type SessionView =
  | { stage: 'starting' }
  /** Nobody is logged in. `reason` says why a previous log-in is over. */
  | { stage: 'signed_out'; reason?: SignedOutReason; renewed?: RenewedKeys }
  /** Logged in, but the account has no keys yet: name, picture and keys come next. */
  | { stage: 'needs_profile'; accountId: AccountId; signedUpWith: 'phone' | 'email' }
  /**
   * The keys are made. The recovery code is shown as `XXXX-XXXX-…` in eight groups, and the person must type the group
   * `askedGroup`, counted from 1.
   */
  | {
      stage: 'confirm_recovery'
      accountId: AccountId
      recoveryCode: string
      askedGroup: number
      /** The keys were renewed here, because a device was stolen. */
      isRenewal?: true
    }
  /** Logged in on a new browser: the keys exist, but nothing here opens them yet. */
  | {
      stage: 'locked'
      accountId: AccountId
      ways: readonly ('recovery_code' | 'pem')[]
      /** A device of the account has stopped the new keys that were made here. */
      newKeysStopped?: true
      /** The person renewed the keys on another device; the new recovery code opens them. */
      renewed?: RenewedKeys
    }
  /**
   * New keys were made here and take effect at `dueAt`, by the server's clock, unless a device of the account stops
   * them. Until then this device can't read or write anything.
   */
  | { stage: 'new_keys_wait'; accountId: AccountId; dueAt: number }
  /**
   * Unlocked: every command works from here on, network permitting.
   *
   * `own_key_replaced`: the server shows others an identity key for this account that isn't the one here. Either the
   * person started over with new keys on another device, or the server is lying. With `renewed`, our key has signed the
   * new one: the keys were renewed on another device that had them.
   */
  | { stage: 'ready'; me: OwnProfile; warning?: 'own_key_replaced'; renewed?: RenewedKeys }

/** When the account's keys were renewed, and on which device. */
export interface RenewedKeys {
  readonly at: number
  /** Null for a device that this one doesn't know. */
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
  /** This account's other devices that were added after this one and that the person hasn't seen yet. */
  readonly newDevices: readonly NewDevice[]
  /** New keys that were requested after a log-in and have not taken effect yet. */
  readonly waitingKeys: readonly WaitingKeys[]
  /** When the keys were renewed on this device, because another one was stolen. */
  readonly renewedAt: number | null
}

/** A device that the account's identity key has signed. */
export interface NewDevice {
  readonly deviceId: DeviceId
  /** The signed name; null if this device can't open it. */
  readonly name: string | null
  /** When it was signed, by the signing device's clock. */
  readonly signedAt: number
}

/**
 * Whether messages are flowing. `catching_up`: the server is reachable, but this device hasn't received everything yet.
 * `online`: it has.
 */
export type ConnectionView = { state: 'connecting' | 'catching_up' | 'online' | 'offline' }

/**
 * When the server last gave an impossible answer that no command was waiting for, by the client's clock. Such an answer
 * is ignored.
 */
export type DoubtView = {
  readonly untrustedAt: number | null
  /** Protocols of conversations that this version doesn't know and therefore doesn't show. */
  readonly unknownProtocols: readonly string[]
}

/** Why a device can't store or read its data. */
export type StorageProblem =
  /** The browser doesn't allow this page to store anything. */
  | 'storage_blocked'
  | 'storage_full'
  /** A newer version of the app has changed the data. */
  | 'storage_newer'
  /** The person or the browser deleted the data while it was in use. */
  | 'storage_cleared'
  /** It stores everything except private keys. */
  | 'keys_not_kept'
  | 'storage_failed'

export interface StorageView {
  /** Why this device can't store what it receives and writes; null while it can. */
  readonly problem: StorageProblem | null
  /**
   * The number of stored records that couldn't be read since the app was opened. They are kept, and count as missing.
   */
  readonly damaged: number
}

/** Another person. Name and picture come from the record signed by the pinned identity key. */
export interface ContactView {
  readonly accountId: AccountId
  readonly name: string
  readonly picture: string | null
  readonly hasRsaKey: boolean
  readonly trust: 'unverified' | 'verified' | 'key_changed'
  /**
   * The name of another contact that this one's name could be mistaken for, as decided on this device. Null for a
   * verified contact.
   */
  readonly looksLike: string | null
}

/** Another participant in a conversation. */
export interface ParticipantView extends ContactView {
  readonly role: ParticipantRole
  /** Any state but `accepted` is shown as `requested`. */
  readonly state: ParticipantState
}

export interface ConversationSummary {
  readonly id: ConversationId
  readonly protocol: Protocol
  /** Everyone else in it whose account this device knows; never empty. */
  readonly participants: readonly ParticipantView[]
  /**
   * `request`: an unknown person wrote; show neither name nor picture nor text until the person asks. `waiting`: our
   * request is unanswered. `ended`: the server no longer has it, because the other account was removed or, after a
   * restore, because the two people have another conversation; what is stored here stays.
   */
  readonly state: 'request' | 'waiting' | 'open' | 'declined' | 'blocked' | 'ended'
  readonly last: {
    readonly content: Content
    /** One line of preview; empty if the app has its own words for the content. */
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

/** `untrusted_answer`: the server accepted the message, but then the log didn't have it. */
export type MessageFailure = ErrorCode | 'key_changed' | 'no_rsa_key' | 'untrusted_answer'

export interface Message {
  readonly kind: 'message'
  readonly id: EnvelopeId
  /** Null until accepted. */
  readonly seq: number | null
  readonly sender: AccountId
  readonly mine: boolean
  readonly content: Content
  /** One line of preview; empty if the app has its own words for the content. */
  readonly text: string
  /** For our messages; always `accepted` for other people's. */
  readonly status: MessageStatus
  /** Why it failed, if it did. */
  readonly failure: MessageFailure | null
  /** The time of acceptance by the server's clock, or the device's while waiting. For display only. */
  readonly at: number
  readonly deviceId: DeviceId
}

/** A notice that the person must see in place of a message. */
export type TimelineNotice =
  /** `count` messages from one device are missing between the two neighbors. */
  | { kind: 'gap'; key: string; count: number; sender: AccountId; mine: boolean }
  /** The next message names this device as its sender but was not written here. */
  | { kind: 'not_written_here'; key: string }
  /** The server showed a message after one that was written later. */
  | { kind: 'out_of_order'; key: string; mine: boolean }
  /** An envelope that isn't what it claims to be, can't be opened, or was shown before. */
  | {
      kind: 'unreadable'
      key: string
      seq: number
      at: number
      mine: boolean
      reason: UnreadableReason
    }
  | { kind: 'key_changed'; key: string; accountId: AccountId; at: number }
  /** The contact renewed their keys, and the former ones signed the new ones. */
  | { kind: 'keys_renewed'; key: string; accountId: AccountId; at: number; isVerified: boolean }

export type UnreadableReason =
  /** Doesn't open with the two people's keys. */
  | 'cannot_decrypt'
  /** Opens, but its content belongs to another conversation, message or sender. */
  | 'misplaced'
  /** A message that was already shown, sent again by the server. */
  | 'replayed'
  /** The sending device isn't one of the sender's. */
  | 'unknown_device'
  /** Written to or from keys that this account no longer has. */
  | 'key_lost'

export interface TimelineView {
  readonly conversationId: ConversationId
  /** In log order; messages that aren't accepted yet come last. */
  readonly items: readonly (Message | TimelineNotice)[]
  readonly hasOlder: boolean
  readonly loadingOlder: boolean
  /** Our read mark when the conversation was opened: where "new" begins. */
  readonly readSeq: number
}

/** Each view by name; those with `: string` take an id. */
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
