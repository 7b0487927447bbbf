import type {
  AccountId,
  CodeChannel,
  ConversationId,
  DeviceId,
  EnvelopeId,
  InvitationEntry,
  InvitationId,
  NewInvitation,
  Protocol,
  SessionId,
} from '@sotto/wire'
import type { SealableContent } from '../content/content.ts'
import type {
  FoundPerson,
  MadeInvitation,
  OwnDevices,
  SafetyNumber,
  ServerView,
  SessionInfo,
  SignUpPolicy,
  StartedChallenge,
  StorageUsage,
} from './answers.ts'

/**
 * Everything that an app can ask the client to do. An app sees the client as commands, which are promises, and views,
 * which are snapshots that change (`views.ts`). Everything in `api` survives `structuredClone`, so that a tab can use a
 * client that lives in another tab.
 *
 * Each command may throw `ClientError`.
 */
export interface Commands {
  // Signing up and logging in.
  /** The channels over which this server sends codes. It refuses all others. */
  listChannels(): Promise<readonly CodeChannel[]>
  /** Who may create an account here, and whether this device has an invitation. */
  signUpPolicy(): Promise<SignUpPolicy>
  /**
   * Keeps an invitation until the next log-in here. `link` may have other text around it. Throws `not_an_invitation` and
   * `invitation_refused`. An account that is created with a member's invitation starts with a conversation with them.
   */
  acceptInvitation(link: string): Promise<void>
  startPhone(phone: string): Promise<StartedChallenge>
  verifyPhone(challengeId: string, code: string): Promise<void>
  startEmail(email: string): Promise<StartedChallenge>
  /** Proves the address; `setPassword` comes next. */
  verifyEmail(challengeId: string, code: string): Promise<{ isNew: boolean }>
  /**
   * Creates the account, or replaces the forgotten password of the account with the address. Throws `weak_password` if
   * it is easy to guess, including from what is known about the person.
   */
  setPassword(password: string): Promise<void>
  /**
   * Instead of `setPassword`: creates the account, or logs in to an account without a password. Throws
   * `wrong_credentials` if the account has one.
   */
  logInWithoutPassword(): Promise<void>
  logIn(email: string, password: string): Promise<void>
  /**
   * Removes our password. From then on, a code sent to the address logs in, and the recovery code opens the keys on a
   * new device. Throws `channel_closed` if the server sends no codes to the address.
   */
  removePassword(): Promise<void>
  // Each way to log in throws `other_account` if this device has the data of another account, or the server says so.
  // Nothing is erased then: the person has to `logOut` with `forget` first.
  /** Ends the session. With `forget`, also erases everything stored on this device. */
  logOut(options: { forget: boolean }): Promise<void>

  // Keys and recovery.
  /**
   * Creates the keys, with an RSA key pair if `withRsa`, and publishes the profile. `findable`: whether others find the
   * account by its number or address; if it is missing, the server's default applies.
   */
  createProfile(profile: {
    name: string
    picture: string | null
    withRsa: boolean
    findable?: boolean
  }): Promise<void>
  /** Confirms the recovery code with one of its groups. Throws `recovery_code_mismatch`. */
  confirmRecovery(group: string): Promise<void>
  /**
   * Unlocks with the code, or with a text that contains it. Throws `recovery_code_wrong` if no code in it opens the
   * keys, with `mistyped` in the details if it has no complete code.
   */
  unlockWithRecoveryCode(text: string): Promise<void>
  /**
   * Abandons the old keys: contacts see a key change, old messages don't open, and other devices are logged out. The
   * person enters name and picture again, because the new keys must not sign anything that comes from the server.
   */
  startWithNewKeys(profile: { name: string; picture: string | null }): Promise<void>
  /** Creates a new recovery code. The old one works until `confirmRecovery` gets a group of the new one. */
  renewRecoveryCode(): Promise<{ recoveryCode: string; askedGroup: number }>
  updateProfile(profile: { name: string; picture: string | null }): Promise<void>
  setFindable(findable: boolean): Promise<void>
  createRsaKey(): Promise<void>
  /** The private key as PKCS#8, encrypted unless `passphrase` is null, in which case the app has to warn. */
  exportPem(passphrase: string | null): Promise<string>
  /**
   * Imports a key file, given as text or bytes. Throws `wrong_passphrase` or `not_a_private_key`, with what the file is
   * in the details (`KeyFileFacts`). While the account is `locked`, the key stays in memory until `startWithNewKeys`
   * adds it to the new keys, so that old `rsa` messages open.
   */
  importPem(file: string | Uint8Array<ArrayBuffer>, passphrase: string | null): Promise<void>

  // People.
  findByPhone(phone: string): Promise<FoundPerson>
  findByEmail(email: string): Promise<FoundPerson>
  /** People whose name starts with `name`. An empty name lists everyone, if the operator allows that. */
  listPeople(
    name: string,
    after: string | null,
  ): Promise<{ people: FoundPerson[]; next: string | null }>
  safetyNumber(accountId: AccountId): Promise<SafetyNumber>
  /**
   * Marks a contact as verified, or no longer. `seenDigits` is the number that the person compared on the screen. Throws
   * `key_changed` if the number has changed since, or is missing.
   */
  setVerified(accountId: AccountId, verified: boolean, seenDigits: string | null): Promise<void>
  /**
   * Accepts a contact's new key, which is unverified at first. `seenDigits` is the new key's number on the screen
   * (`changedDigits`). Throws like `setVerified`.
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
   * Resolves when the message is in the durable outbox; the timeline shows what becomes of it. The caller may choose the
   * id `message`: a second call with the same id does nothing. A string is sent as a text.
   */
  send(
    id: ConversationId,
    content: string | SealableContent,
    message?: EnvelopeId,
  ): Promise<EnvelopeId>
  retry(id: ConversationId, message: EnvelopeId): Promise<void>
  discard(id: ConversationId, message: EnvelopeId): Promise<void>
  saveDraft(id: ConversationId, text: string): Promise<void>
  /** Marks everything shown as read. */
  markRead(id: ConversationId): Promise<void>
  loadOlder(id: ConversationId): Promise<void>
  announceTyping(id: ConversationId): Promise<void>
  serverView(id: ConversationId, message: EnvelopeId): Promise<ServerView>

  /** How much our account has stored on the server, and how much it may. */
  storageUsage(): Promise<StorageUsage>

  // Inviting, if the server lets members do that.
  createInvitation(wanted: NewInvitation): Promise<MadeInvitation>
  /** Our invitations that still work. */
  listInvitations(): Promise<InvitationEntry[]>
  revokeInvitation(invitationId: InvitationId): Promise<void>

  // Devices.
  listDevices(): Promise<OwnDevices>
  /** Stops new keys that were requested for our account, so that they never take effect. */
  stopNewKeys(identityKey: string): Promise<void>
  /** Revokes a device and ends its sessions. Anything that it signs afterwards is invalid. */
  removeDevice(deviceId: DeviceId): Promise<void>
  /**
   * Responds to the theft of a device and of everything that it could read: revokes all other devices, and gives the
   * account new keys that the current ones sign, so that verified contacts stay verified. Existing messages stay
   * readable. Afterwards there is a new recovery code (`confirm_recovery`), and no password until one is set. If the
   * server can't be reached, throws `offline` before anything is changed.
   */
  deviceStolen(deviceId: DeviceId): Promise<void>
  /** The person has seen these new devices. */
  devicesSeen(deviceIds: readonly DeviceId[]): Promise<void>
  listSessions(): Promise<SessionInfo[]>
  endSession(sessionId: SessionId): Promise<void>
  /** Tries to connect now instead of waiting for the next attempt. */
  reconnect(): Promise<void>
}
