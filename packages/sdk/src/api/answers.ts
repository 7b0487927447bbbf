import type {
  AccountId,
  DeviceId,
  InvitationEntry,
  ServerRow,
  SessionId,
  SignUpMode,
} from '@sotto/wire'
import type { ContactView } from './views.ts'

/** The results of commands. Like everything in `api`, they survive `structuredClone`. */

export interface StartedChallenge {
  readonly challengeId: string
  /** In seconds. */
  readonly expiresIn: number
}

export interface SafetyNumber {
  /** 60 digits, to be shown in twelve groups of five. */
  readonly digits: string
  /** The content of the QR code. */
  readonly qr: string
  readonly trust: ContactView['trust']
  /** The number with the new key, while a changed key waits for a decision. */
  readonly changedDigits: string | null
}

export interface FoundPerson {
  readonly accountId: AccountId
  readonly name: string
  readonly picture: string | null
}

/** A device of our account, as signed by the account's identity key. */
export interface OwnDevice {
  readonly deviceId: DeviceId
  /** From its signed credential; null if this device can't open it. */
  readonly name: string | null
  readonly signedAt: number
  readonly current: boolean
  /** When its log-in was last used, according to the server; null if it is logged out. */
  readonly lastUsedAt: number | null
}

/** Everything that acts as our account. */
export interface OwnDevices {
  readonly devices: readonly OwnDevice[]
  /** Log-ins without a signed device, which have no keys as far as this device can tell. Only the server's word. */
  readonly logIns: readonly SessionInfo[]
}

export interface SessionInfo {
  readonly sessionId: SessionId
  readonly deviceId: DeviceId
  readonly startedAt: number
  readonly lastUsedAt: number
  readonly current: boolean
  /** False if it hasn't proven its device key, so that its device id may be made up. Only the server's word. */
  readonly proven?: boolean | undefined
}

/** How much of a quota is used, and how much the server allows. */
export interface UsedShare {
  readonly used: number
  readonly allowed: number
}

/** What our account has stored on the server. Only the server's word. */
export interface StorageUsage {
  /** Bytes of the sent messages, including the server's overhead for each. */
  readonly bytes: UsedShare
  readonly bytesThisHour: UsedShare
  /** Conversations that our account has started. */
  readonly conversations: UsedShare
  /** Including revoked ones. */
  readonly devices: UsedShare
  /** Former keys, which still open old messages. The oldest are removed if there are too many. */
  readonly pastRecords: UsedShare
  /** When a new account gets the full quota; null if it has it. */
  readonly youngUntil: number | null
  /** The quotas that are nearly used up, and those that are: the server refuses more. */
  readonly near: readonly QuotaName[]
  readonly full: readonly QuotaName[]
}

/** A quota as named in the details of `quota_exceeded`. */
export type QuotaName = 'bytes' | 'conversations' | 'devices'

/** A message next to the server's data for it. */
export interface ServerView {
  readonly plaintext: string
  /** The server's row, or null until the message is accepted. */
  readonly row: ServerRow | null
  /** The frames that carried it, as this device sent or received them, latest last. */
  readonly frames: readonly { direction: 'sent' | 'received'; at: number; text: string }[]
  /** The JWE's protected header, decoded. */
  readonly header: Record<string, unknown>
  readonly ciphertextBytes: number
}

/** Who may create an account on this server. */
export interface SignUpPolicy {
  readonly signUp: SignUpMode
  readonly membersInvite: boolean
  /** Whether this device has an invitation. */
  readonly isInvited: boolean
}

/** An invitation that we created, with its link, which can't be shown again. */
export interface MadeInvitation extends InvitationEntry {
  readonly link: string
}
