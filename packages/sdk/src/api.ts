import type {
  AccountId,
  CodeChannel,
  ConversationId,
  DeviceId,
  EnvelopeId,
  ErrorCode,
  InvitationEntry,
  InvitationId,
  NewInvitation,
  Protocol,
  ServerRow,
  SessionId,
  SignUpMode,
} from '@sotto/wire'

/**
 * What an app sees of the client: commands, which are promises, and views, which are snapshots that
 * change. Everything in here survives `structuredClone`, so that a tab can use a client that lives in
 * another one.
 */

// ---------------------------------------------------------------------------------------- views

/** Where the person stands between opening the app and talking. */
export type SessionView =
  | { stage: 'starting' }
  /** Nobody is logged in. `reason` says why somebody who was is not any more. */
  | { stage: 'signed_out'; reason?: 'session_ended' | 'storage_lost' }
  /** Logged in, and the account has no keys yet: name, picture and keys come next. */
  | { stage: 'needs_profile'; accountId: AccountId; signedUpWith: 'phone' | 'email' }
  /**
   * The keys are made; the recovery code is shown, written `XXXX-XXXX-…` in eight groups, and the
   * group `askedGroup`, counted from 1, has to be typed.
   */
  | { stage: 'confirm_recovery'; accountId: AccountId; recoveryCode: string; askedGroup: number }
  /** Logged in on a new browser: the keys exist, and nothing here opens them yet. */
  | { stage: 'locked'; accountId: AccountId; ways: readonly ('recovery_code' | 'pem')[] }
  /**
   * With `own_key_replaced` the server shows others an identity key for this account that is not the
   * one here: somebody started with new keys on another device, or the server lies.
   */
  | { stage: 'ready'; me: OwnProfile; warning?: 'own_key_replaced' }

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
}

export type ConnectionView = { state: 'connecting' | 'online' | 'offline' }

/**
 * When the server last gave an answer that no command waited for and that cannot be right; the client's
 * own time. Such an answer is not used.
 */
export type DoubtView = {
  readonly untrustedAt: number | null
  /** Protocols of conversations that this version does not know, and therefore does not show. */
  readonly unknownProtocols: readonly string[]
}

/** Another person. Name and picture are from the record signed by the pinned identity key. */
export interface ContactView {
  readonly accountId: AccountId
  readonly name: string
  readonly picture: string | null
  readonly hasRsaKey: boolean
  readonly trust: 'unverified' | 'verified' | 'key_changed'
}

export interface ConversationSummary {
  readonly id: ConversationId
  readonly protocol: Protocol
  readonly peer: ContactView
  /**
   * `request`: somebody unknown wrote; show neither name nor picture nor text until the person asks.
   * `waiting`: our own request is unanswered. `closed`: declined or blocked by us.
   */
  readonly state: 'request' | 'waiting' | 'open' | 'declined' | 'blocked'
  readonly last: { readonly text: string; readonly mine: boolean; readonly at: number } | null
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
  readonly mine: boolean
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
  | { kind: 'key_changed'; key: string; at: number }

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
  conversations: readonly ConversationSummary[]
  contacts: readonly ContactView[]
  timeline: TimelineView
}

/** Which snapshot a subscriber wants. */
export type ViewKey =
  | { view: 'session' }
  | { view: 'connection' }
  | { view: 'doubt' }
  | { view: 'conversations' }
  | { view: 'contacts' }
  | { view: 'timeline'; conversationId: ConversationId }

// ------------------------------------------------------------------------------------- commands

export interface StartedChallenge {
  readonly challengeId: string
  /** Seconds. */
  readonly expiresIn: number
}

export interface SafetyNumber {
  /** 60 digits; show them in twelve groups of five. */
  readonly digits: string
  /** What the QR code holds. */
  readonly qr: string
  readonly trust: ContactView['trust']
  /** The number with the new key, while a change waits for a decision. */
  readonly changedDigits: string | null
}

export interface FoundPerson {
  readonly accountId: AccountId
  readonly name: string
  readonly picture: string | null
}

export interface SessionInfo {
  readonly sessionId: SessionId
  readonly deviceId: DeviceId
  readonly deviceName: string
  readonly startedAt: number
  readonly lastUsedAt: number
  readonly current: boolean
}

/** A message as three parties see it. */
export interface ServerView {
  readonly plaintext: string
  /** The row as the server holds it, or null while it is not accepted. */
  readonly row: ServerRow | null
  /** The frames that carried it, as this device sent or received them, newest last. */
  readonly frames: readonly { direction: 'sent' | 'received'; at: number; text: string }[]
  /** The JWE's protected header, decoded. */
  readonly header: Record<string, unknown>
  readonly ciphertextBytes: number
}

/** Who may make an account on a server. */
export interface SignUpPolicy {
  readonly signUp: SignUpMode
  readonly membersInvite: boolean
  /** Whether this device holds an invitation. */
  readonly isInvited: boolean
}

/** An own invitation with its link, which nobody can show again. */
export interface MadeInvitation extends InvitationEntry {
  readonly link: string
}

/** Every command. Each may throw `ClientError`. */
export interface Commands {
  // Signing up and logging in.
  /** The ways in which this server sends codes: it refuses to start by another one. */
  listChannels(): Promise<readonly CodeChannel[]>
  /** Who may make an account here, and whether this device holds an invitation. */
  signUpPolicy(): Promise<SignUpPolicy>
  /**
   * Keeps an invitation link, which may have words around it, until somebody logs in here. Throws
   * `not_an_invitation` and `invitation_refused`. Whoever makes an account with the invitation of a member then
   * has a conversation with them.
   */
  acceptInvitation(link: string): Promise<void>
  startPhone(phone: string): Promise<StartedChallenge>
  verifyPhone(challengeId: string, code: string): Promise<void>
  startEmail(email: string): Promise<StartedChallenge>
  /** Proves the address; `setPassword` comes next. */
  verifyEmail(challengeId: string, code: string): Promise<{ isNew: boolean }>
  /** Creates the account, or replaces the forgotten password of the one that has the address. */
  setPassword(password: string): Promise<void>
  logIn(email: string, password: string): Promise<void>
  // Each log-in throws `other_account` when this browser keeps another account, or the server says so.
  // Nothing is erased then: the person has to `logOut` with `forget` first.
  /** Ends the session; with `forget` it also erases everything this browser keeps. */
  logOut(options: { forget: boolean }): Promise<void>

  // Keys and recovery.
  /** Makes the keys and publishes the profile. With `withRsa` an RSA key pair too. */
  createProfile(profile: { name: string; picture: string | null; withRsa: boolean }): Promise<void>
  /** Types one group of the recovery code; throws `recovery_code_mismatch`. */
  confirmRecovery(group: string): Promise<void>
  unlockWithRecoveryCode(code: string): Promise<void>
  /**
   * Gives up the old keys: contacts see a change, old messages stay closed, other devices are logged
   * out. Name and picture come from the person: the new keys sign nothing that comes from the server.
   */
  startWithNewKeys(profile: { name: string; picture: string | null }): Promise<void>
  /** A new recovery code; the old one stops working once `confirmRecovery` got a group of the new one. */
  renewRecoveryCode(): Promise<{ recoveryCode: string; askedGroup: number }>
  updateProfile(profile: { name: string; picture: string | null }): Promise<void>
  setFindable(findable: boolean): Promise<void>
  createRsaKey(): Promise<void>
  /** Encrypted PKCS#8; without a passphrase it is not encrypted, and the app has to warn. */
  exportPem(passphrase: string | null): Promise<string>
  /**
   * Throws `wrong_passphrase` or `not_a_private_key`. While `locked` the key is kept in memory and
   * goes into the keys that `startWithNewKeys` makes, so that old `rsa` messages open.
   */
  importPem(pem: string, passphrase: string | null): Promise<void>

  // People.
  findByPhone(phone: string): Promise<FoundPerson>
  findByEmail(email: string): Promise<FoundPerson>
  /** Those whose name starts with `name`; everybody with an empty one, where the operator allows it. */
  listPeople(
    name: string,
    after: string | null,
  ): Promise<{ people: FoundPerson[]; next: string | null }>
  safetyNumber(accountId: AccountId): Promise<SafetyNumber>
  /**
   * Records that the person compared `seenDigits`, the number on the screen, or takes that back. Throws
   * `key_changed` when the number has changed since, or is missing.
   */
  setVerified(accountId: AccountId, verified: boolean, seenDigits: string | null): Promise<void>
  /**
   * Accepts a contact's new key, which is then unverified. `seenDigits` is the number of the new key that
   * was on the screen (`changedDigits`). Throws as `setVerified` does.
   */
  acceptChangedKey(accountId: AccountId, seenDigits: string): Promise<void>
  listBlocked(): Promise<FoundPerson[]>
  unblock(accountId: AccountId): Promise<void>

  // Conversations.
  /** The existing conversation with this person and protocol, or a new one. */
  startConversation(accountId: AccountId, protocol: Protocol): Promise<ConversationId>
  answerRequest(id: ConversationId, answer: 'accepted' | 'declined' | 'blocked'): Promise<void>
  /**
   * Resolves when the message is in the durable outbox; its fate shows in the timeline. Called again
   * with the same `message`, an id that the caller made, it adds nothing.
   */
  send(id: ConversationId, text: string, message?: EnvelopeId): Promise<EnvelopeId>
  retry(id: ConversationId, message: EnvelopeId): Promise<void>
  discard(id: ConversationId, message: EnvelopeId): Promise<void>
  saveDraft(id: ConversationId, text: string): Promise<void>
  /** The person has seen everything that is shown. */
  markRead(id: ConversationId): Promise<void>
  loadOlder(id: ConversationId): Promise<void>
  announceTyping(id: ConversationId): Promise<void>
  serverView(id: ConversationId, message: EnvelopeId): Promise<ServerView>

  // Inviting, where members may.
  createInvitation(wanted: NewInvitation): Promise<MadeInvitation>
  /** The own invitations that still work. */
  listInvitations(): Promise<InvitationEntry[]>
  revokeInvitation(invitationId: InvitationId): Promise<void>

  // Devices.
  listSessions(): Promise<SessionInfo[]>
  endSession(sessionId: SessionId): Promise<void>
  /** Tries the connection now instead of waiting for the next attempt. */
  reconnect(): Promise<void>
}

/** What an app holds: the client itself, or its stand-in in another tab. */
export interface ClientPort {
  readonly commands: Commands
  /** The snapshot, or undefined while it has not been read from storage yet. */
  snapshot<K extends ViewKey>(key: K): Views[K['view']] | undefined
  /** Calls `changed` after each change until the returned function is called. */
  subscribe(key: ViewKey, changed: () => void): () => void
}

/** Why a command failed: the server's code, or one of the client's own. */
export type ClientErrorCode =
  | ErrorCode
  | 'offline'
  | 'weak_password'
  | 'not_an_invitation'
  | 'wrong_passphrase'
  | 'not_a_private_key'
  | 'recovery_code_mismatch'
  | 'recovery_code_wrong'
  | 'wrap_damaged'
  | 'other_account'
  | 'text_too_long'
  | 'empty_text'
  | 'key_changed'
  | 'no_rsa_key'
  | 'untrusted_answer'
