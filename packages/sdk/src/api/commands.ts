import type {
  AccountId,
  CodeChannel,
  ConversationId,
  DeviceId,
  EnvelopeId,
  ErrorCode,
  InvitationEntry,
  InvitationId,
  NameProblem,
  NewInvitation,
  Protocol,
  ServerRow,
  SessionId,
  SignUpMode,
} from '@sotto/wire'
import type { SealableContent } from '../content/content.ts'
import type { ContactView, StorageProblem, ViewKey, Views } from './views.ts'

export type * from './views.ts'

/**
 * What an app sees of the client: commands, which are promises, and views, which are snapshots that
 * change. Everything in here survives `structuredClone`, so that a tab can use a client that lives in
 * another one.
 */

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

/** A device of the own account: the identity key has signed that it is one. */
export interface OwnDevice {
  readonly deviceId: DeviceId
  /** As it was signed; null if this device cannot open it. */
  readonly name: string | null
  readonly signedAt: number
  readonly current: boolean
  /** When its log-in was used last, as the server says; null when it is logged out. */
  readonly lastUsedAt: number | null
}

/** What reads and writes for the own account. */
export interface OwnDevices {
  readonly devices: readonly OwnDevice[]
  /** Log-ins of no such device: they have no keys, as far as this device can tell. The server's word. */
  readonly logIns: readonly SessionInfo[]
}

export interface SessionInfo {
  readonly sessionId: SessionId
  readonly deviceId: DeviceId
  readonly startedAt: number
  readonly lastUsedAt: number
  readonly current: boolean
  /** False for one that has shown no key: the id of its device may be anybody's. The server's word. */
  readonly proven?: boolean | undefined
}

/** How much of something is used, and how much this server allows. */
export interface UsedShare {
  readonly used: number
  readonly allowed: number
}

/** What the own account has stored on the server. It is the server's word. */
export interface StorageUsage {
  /** Bytes of the messages that were sent, with the room that the server needs for each. */
  readonly bytes: UsedShare
  readonly bytesThisHour: UsedShare
  /** Conversations that this account began. */
  readonly conversations: UsedShare
  /** Revoked ones included. */
  readonly devices: UsedShare
  /** Former keys that still open old messages. When there is no room the oldest goes. */
  readonly pastRecords: UsedShare
  /** Until then a new account has less room; null when it has as much as all others. */
  readonly youngUntil: number | null
  /** What is nearly used up, and what is: nothing more is taken there. */
  readonly near: readonly QuotaName[]
  readonly full: readonly QuotaName[]
}

/** A quota whose end refuses something, as in the details of `quota_exceeded`. */
export type QuotaName = 'bytes' | 'conversations' | 'devices'

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
  /**
   * Creates the account, or replaces the forgotten password of the one that has the address. Throws
   * `weak_password` for one that is soon guessed, with what is known of the person.
   */
  setPassword(password: string): Promise<void>
  /**
   * Instead of `setPassword`: creates the account, or logs in to one that has no password. Throws
   * `wrong_credentials` for one that has.
   */
  logInWithoutPassword(): Promise<void>
  logIn(email: string, password: string): Promise<void>
  /**
   * Removes the own password: a code to the address logs in from then on, and the recovery code opens the
   * keys on a new device. Throws `channel_closed` where no code would reach the person.
   */
  removePassword(): Promise<void>
  // Each log-in throws `other_account` when this browser keeps another account, or the server says so.
  // Nothing is erased then: the person has to `logOut` with `forget` first.
  /** Ends the session; with `forget` it also erases everything this browser keeps. */
  logOut(options: { forget: boolean }): Promise<void>

  // Keys and recovery.
  /**
   * Makes the keys and publishes the profile. With `withRsa` an RSA key pair too. `findable`: whether others
   * find the account by its number or address; without it the server's usual answer holds.
   */
  createProfile(profile: {
    name: string
    picture: string | null
    withRsa: boolean
    findable?: boolean
  }): Promise<void>
  /** Types one group of the recovery code; throws `recovery_code_mismatch`. */
  confirmRecovery(group: string): Promise<void>
  /**
   * Takes the code, or a text that holds it. Throws `recovery_code_wrong` when none in it opens the keys,
   * with `mistyped` in the details when there is no whole code in it.
   */
  unlockWithRecoveryCode(text: string): Promise<void>
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
   * Takes the file as text or as its bytes. Throws `wrong_passphrase` or `not_a_private_key`, with what the
   * file is in the details (`KeyFileFacts`). While `locked` the key is kept in memory and goes into the
   * keys that `startWithNewKeys` makes, so that old `rsa` messages open.
   */
  importPem(file: string | Uint8Array<ArrayBuffer>, passphrase: string | null): Promise<void>

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
  /**
   * With one person: the existing conversation in this protocol, or a new one. With several: always a new one. Throws
   * `participants_not_supported` for more people than the protocol can have.
   */
  startConversation(
    others: AccountId | readonly AccountId[],
    protocol: Protocol,
  ): Promise<ConversationId>
  answerRequest(id: ConversationId, answer: 'accepted' | 'declined' | 'blocked'): Promise<void>
  /**
   * Resolves when the message is in the durable outbox; its fate shows in the timeline. Called again
   * with the same `message`, an id that the caller made, it adds nothing. A string is sent as a text.
   */
  send(
    id: ConversationId,
    content: string | SealableContent,
    message?: EnvelopeId,
  ): Promise<EnvelopeId>
  retry(id: ConversationId, message: EnvelopeId): Promise<void>
  discard(id: ConversationId, message: EnvelopeId): Promise<void>
  saveDraft(id: ConversationId, text: string): Promise<void>
  /** The person has seen everything that is shown. */
  markRead(id: ConversationId): Promise<void>
  loadOlder(id: ConversationId): Promise<void>
  announceTyping(id: ConversationId): Promise<void>
  serverView(id: ConversationId, message: EnvelopeId): Promise<ServerView>

  /** How much the account has stored on the server, and how much it may. */
  storageUsage(): Promise<StorageUsage>

  // Inviting, where members may.
  createInvitation(wanted: NewInvitation): Promise<MadeInvitation>
  /** The own invitations that still work. */
  listInvitations(): Promise<InvitationEntry[]>
  revokeInvitation(invitationId: InvitationId): Promise<void>

  // Devices.
  listDevices(): Promise<OwnDevices>
  /** Stops new keys that somebody has asked for: they never take effect. */
  stopNewKeys(identityKey: string): Promise<void>
  /** Revokes a device and ends its sessions. Nothing that it signs afterwards counts. */
  removeDevice(deviceId: DeviceId): Promise<void>
  /**
   * A device was stolen, and with it everything that it could read: all other devices are revoked, and the account
   * gets new keys for which the present ones sign, so that contacts who had compared the number need not do it
   * again. What was written stays readable. Afterwards there is a new recovery code (`confirm_recovery`), and no
   * password until one is set again. Throws `offline` before anything is changed.
   */
  deviceStolen(deviceId: DeviceId): Promise<void>
  /** The person has seen these new devices. */
  devicesSeen(deviceIds: readonly DeviceId[]): Promise<void>
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
  | NameProblem
  | 'weak_password'
  /** Passwords need it, and this browser has none. */
  | 'no_web_assembly'
  | 'not_an_invitation'
  | 'wrong_passphrase'
  | 'not_a_private_key'
  | 'recovery_code_mismatch'
  | 'recovery_code_wrong'
  | 'wrap_damaged'
  | 'other_account'
  /** What the server would refuse; it was not sent. */
  | 'invalid_input'
  /** A name that nobody may have: `problem` in the details says why, `character` which one is hidden. */
  | 'invalid_name'
  | 'invalid_picture'
  | 'text_too_long'
  /** Half of a character stands in the text, at the index `at` of the details. */
  | 'broken_text'
  | 'empty_text'
  | 'key_changed'
  | 'no_rsa_key'
  | StorageProblem
  | 'untrusted_answer'
