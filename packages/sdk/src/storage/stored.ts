import type { AccountKeys, Bytes, DeviceKeyPair, FormerKey, VaultKey } from '@sotto/crypto'
import type {
  AccountId,
  AccountRecord,
  BoxName,
  ConversationId,
  DeviceId,
  EnvelopeId,
  Manifest,
  NewEnvelope,
  ParticipantState,
  Protocol,
  Receipt,
  RefreshRefusal,
  SealedBox,
  SessionId,
  StoredEnvelope,
  WaitingKeys,
  Wrap,
} from '@sotto/wire'
import type { MessageFailure, NewDevice, RenewedKeys, UnreadableReason } from '../api/commands.ts'
import type { Change, Collection, Storage } from './storage.ts'
import type { VerifiedAccount } from './verified-account.ts'

/** Everything a device keeps: where each thing lies and what it looks like. */

/** Where something lies, and its type. */
export interface Place<T> {
  readonly collection: Collection
  readonly key: string
  /** Never there: carries the type only. */
  readonly value?: T
}

/** The value at `place`, or undefined. */
export async function load<T>(storage: Storage, place: Place<T>): Promise<T | undefined> {
  return (await storage.get(place.collection, place.key)) as T | undefined
}

/** The change that puts `value` at `place`. */
export function put<T>(place: Place<T>, value: T): Change {
  return { put: place.collection, key: place.key, value }
}

/** The change that empties `place`. */
export function remove(place: Place<unknown>): Change {
  return { remove: place.collection, key: place.key }
}

const place = <T>(collection: Collection, key: string): Place<T> => ({ collection, key })

// ---------------------------------------------------------------------------------- the account

/** Why a session cannot be renewed. */
export type EndReason = 'session_ended' | 'session_lost' | RefreshRefusal

export interface Login {
  accountId: AccountId
  sessionId: SessionId
  deviceId: DeviceId
  signedUpWith: 'phone' | 'email'
  /** What was typed to log in, so that the same person is recognised next time. */
  handle: string
  /** Null where it is in the browser's cookie. */
  refreshToken: string | null
  /** Why the session is over; what is kept waits for the same account to log in again. */
  ended: 'logged_out' | EndReason | null
  /** `unknown` between the log-in and the first look at what the server has. */
  standing: 'unknown' | 'needs_profile' | 'locked' | 'unlocked'
  ways: readonly ('recovery_code' | 'pem')[]
  /** The server knows that this session is of a device of the account. It is asked again where it does not. */
  isProven?: true
  /** When the new keys that were made here count, while the server lets them wait. */
  newKeysDueAt?: number
  /** A device of the account has stopped them. */
  newKeysStopped?: true
  /** The keys that were here are set aside, because the person renewed them on another device. */
  renewed?: RenewedKeys
}

/** What the own account has published, from the own store: never taken from the server's answer. */
export interface Own {
  record: AccountRecord
  statement: string
  /** Base64url of the picture's bytes. */
  picture: string | null
  /** The newest version of each box that this device has seen. */
  boxVersions: Record<BoxName, number>
  /** The newest manifest that this device has signed or verified. */
  manifest: OwnManifest
  /** The wraps of the root secret that count: a new manifest names them. */
  wraps: readonly Wrap[]
  /** This device has changed a wrap, and no manifest names it yet. */
  hasNewWraps: boolean
  /** A manifest that names it was sent, and no answer came. */
  isNamingUnsure?: boolean
  /** The hash of a password wrap that was removed here, while a manifest may still name it. */
  removedWrap?: string
  /** Hashes of wraps that were replaced by others, the latest last. */
  replacedWraps?: readonly string[]
  /** New keys for this account that wait, as the server says. */
  waitingKeys?: readonly WaitingKeys[]
  /** Own devices that were seen here; missing before the first look at them. */
  knownDevices?: readonly KnownDevice[]
  /** In this era of the server the record has to reach this version, later than any that it may have lost. */
  raise?: { readonly era: string; readonly to: number }
  phone: string | null
  email: string | null
  findable: boolean
  /** When the keys in use were made, if there were others before; older messages may stay closed. */
  keysSince: number | null
  /** The identity keys before, as the server tells: what was written to this account may name one. */
  formerIdentityKeys?: readonly string[]
  /** How the account came to its identity key, the latest succession first; absent where it did not. */
  successions?: readonly string[]
  /** The own keys that signed those on this device, with what they still count for. */
  formerKeys?: readonly FormerKey[]
  /** The server shows another own identity key than the one that is here. */
  replaced: boolean
  /** The one that is here has signed for that: the keys were renewed on another own device. */
  renewed?: RenewedKeys
}

/** An own device that was seen here. */
export interface KnownDevice extends NewDevice {
  /** The person has not seen yet that it is there. */
  readonly isNew: boolean
}

export interface OwnManifest extends Manifest {
  readonly statement: string
}

/** One request of signing up; each may be sent again without harm. */
export type Upload =
  | {
      readonly kind: 'box'
      readonly box: BoxName
      readonly sealed: SealedBox
      readonly after?: number
    }
  | { readonly kind: 'wraps'; readonly wraps: readonly Wrap[] }
  | { readonly kind: 'wrap'; readonly wrap: Wrap }
  | { readonly kind: 'no_password' }
  | {
      readonly kind: 'user'
      readonly statement: string
      readonly picture: string | null
      /** The version of the server's one that it goes in the place of, 0 for none; so with the others. */
      readonly after?: number
      /** The own identity key that is given up with it, and set aside here until then. */
      readonly givesUp?: string
    }
  | { readonly kind: 'device'; readonly deviceId: DeviceId; readonly credential: string }
  | { readonly kind: 'manifest'; readonly statement: string; readonly after?: number }
  | { readonly kind: 'findable'; readonly findable: boolean }

/** Who made an invitation, as its link says. */
export interface Inviter {
  readonly accountId: AccountId
  /** Raw Ed25519, base64url. */
  readonly identityKey: string
}

/** A recovery code that was shown and not yet proven to be written down. */
export interface PendingCode {
  readonly purpose: 'setup' | 'renewal'
  /** Under the vault key. */
  readonly sealedCode: Bytes
  readonly askedGroup: number
  /** What the code has to open before it counts. */
  readonly wrap: Wrap
}

/** Keys that the server no longer accepts. They are never deleted: it may be lying. */
export interface KeysAside {
  readonly accountId: AccountId
  readonly own: Own
  /** Where the storage keeps private keys; elsewhere they are in the box. */
  readonly keys: AccountKeys | null
  /** The device key, which goes with one device id for its whole life. */
  readonly device: { readonly deviceId: DeviceId; readonly key: DeviceKeyPair } | null
  readonly keyBox: SealedBox | null
  /** Under the vault key. */
  readonly rootSecret: Bytes | null
}

export const LOGIN = place<Login>('account', 'login')
export const OWN = place<Own>('account', 'own')
/** What is still to be sent, first thing first. */
export const UPLOADS = place<readonly Upload[]>('account', 'uploads')
export const PENDING_CODE = place<PendingCode>('account', 'pending-code')
export const CURSOR = place<string>('account', 'cursor')
/** What tells this device from strangers when somebody logs in here again. */
export const KNOWN_DEVICE = place<string>('account', 'known-device')
/** An invitation that was opened here, until somebody logs in. */
export const INVITATION = place<{ token: string; from: Inviter | null }>('account', 'invitation')
/** Whom the person of this account is about to meet, who made it with an invitation. */
export const INVITED_BY = place<Inviter>('account', 'invited-by')
/** The server's era that the logs here belong to. */
export const ERA = place<string>('account', 'era')

export const VAULT_KEY = place<VaultKey>('keys', 'vault')
/** Under the vault key. */
export const ROOT_SECRET = place<Bytes>('keys', 'root-secret')
/** OPAQUE's export key under the vault key, until the password wrap is made with it. */
export const EXPORT_KEY = place<Bytes>('keys', 'export-key')
export const ACCOUNT_KEYS = place<AccountKeys>('keys', 'account')
/** The `keys` box as the server has it, for devices whose storage cannot keep private keys. */
export const KEY_BOX = place<SealedBox>('keys', 'box')
export const keysAsideAt = (account: AccountId, identityKey: string) =>
  place<KeysAside>('keys', `aside/${account}/${identityKey}`)
export const DEVICE_KEY = place<DeviceKeyPair>('keys', 'device')

// ------------------------------------------------------------------------------------- contacts

export interface ContactRecord {
  readonly accountId: AccountId
  /** Undefined while only the pin is known, from the `contacts` box. */
  readonly current: VerifiedAccount | undefined
  readonly identityKey: string
  /** Never goes down under one key. */
  readonly recordVersion: number
  readonly verified: boolean
  /** Identity keys that were accepted before the one in use, the latest first. */
  readonly formerKeys: readonly FormerKey[]
  /** What the server shows under another identity key, while nobody has decided. */
  readonly changed: VerifiedAccount | null
  /** When this device first saw it. */
  readonly changedAt: number | null
  /** Whether the pin belongs into the `contacts` box: not for strangers who only asked. */
  readonly kept: boolean
  /** Whether the box does not have the newest yet. */
  readonly dirty: boolean
  /** Whether `verified` was decided here, and the box does not have that yet. */
  readonly isDecidedHere?: boolean
  /** Since when this device knows the contact by the present name; missing for a name from before that. */
  readonly namedAt?: number
}

export const contactAt = (id: AccountId) => place<ContactRecord>('contacts', id)

// -------------------------------------------------------------------------------- conversations

export interface ConversationRecord {
  readonly id: ConversationId
  readonly protocol: Protocol
  /** The person began or accepted the conversation in this protocol: no answer changes it any more. */
  readonly isProtocolChosen?: true
  readonly peer: AccountId
  /**
   * After the server was wound back: `uncompared` while the log here may not be that of the server, so that
   * nothing is read into it and nothing is sent; `replaced` when the server has none or another one in its
   * place, so that this one has ended: also because the account of the other person was removed.
   */
  readonly aside?: 'uncompared' | 'replaced'
  readonly mine: ParticipantState
  readonly theirs: ParticipantState
  /** The part of the log that is here, without holes; both 0 while nothing is. */
  readonly first: number
  readonly newest: number
  /** How far the log goes on the server, as far as is known. */
  readonly lastSeq: number
  readonly myMarks: Marks
  readonly theirMarks: Marks
  /** Whether the server may not have the own marks yet. */
  readonly marksDue: boolean
  /** The counter of the next message from this device, as long as its id is `counterOf`. */
  readonly nextCounter: number
  readonly counterOf: DeviceId | null
  /** Ids under which messages were written here before, the latest last. */
  readonly formerDevices?: readonly DeviceId[]
  /** Counters of this device that will never come, not yet told. */
  readonly skipped: readonly number[]
  readonly last: { readonly text: string; readonly mine: boolean; readonly at: number } | null
  /** The seq of `last`. */
  readonly lastShownSeq: number
  /** Of others after the own read mark, up to `countedSeq`. */
  readonly unread: number
  readonly countedSeq: number
  readonly updatedAt: number
  readonly keyChanges: readonly KeyChange[]
  /** Entries that may open later, when more is known. */
  readonly unopened: readonly number[]
}

export type Marks = Omit<Receipt, 'conversationId'>

/** The notice of a changed identity key, and its place: behind `afterSeq`. */
export interface KeyChange {
  readonly afterSeq: number
  readonly at: number
  /** The identity key that was pinned until then. */
  readonly replaced: string
  /** That key has signed for the next one; and whether the person had compared the safety number. */
  readonly renewed?: 'verified' | 'unverified'
}

export const conversationAt = (id: ConversationId) => place<ConversationRecord>('conversations', id)
export const draftAt = (id: ConversationId) => place<string>('drafts', id)

// -------------------------------------------------------------------------------- log and outbox

/** An envelope of the log, opened. */
export type LogEntry = OpenedEntry | UnreadableEntry

export interface OpenedEntry {
  readonly kind: 'message'
  readonly seq: number
  readonly id: EnvelopeId
  readonly mine: boolean
  readonly deviceId: DeviceId
  readonly counter: number
  readonly skipped: readonly number[]
  readonly text: string
  readonly at: number
  /** For an own message: its recipient. It is sealed again for nobody else. */
  readonly writtenTo: WrittenTo
  /** It names this device as its sender, and this device does not know it. */
  readonly isForeign?: true
}

/** The identity key (base64url) of each person a message was written to. */
export type WrittenTo = Readonly<Record<AccountId, string>>

export interface UnreadableEntry {
  readonly kind: 'unreadable'
  readonly seq: number
  readonly id: EnvelopeId
  readonly mine: boolean
  readonly deviceId: DeviceId
  readonly reason: UnreadableReason
  readonly at: number
  /** Kept whole, to be tried again; null where that makes no sense. */
  readonly envelope: StoredEnvelope | null
}

export interface OutboxItem {
  readonly envelope: NewEnvelope
  readonly counter: number
  /** Told with it. */
  readonly skipped: readonly number[]
  readonly deviceId: DeviceId
  readonly writtenTo: WrittenTo
  /** The own identity key at that time; missing for one from before keys could be renewed. */
  readonly sealedBy?: string
  readonly text: string
  readonly writtenAt: number
  readonly state: 'waiting' | 'failed'
  readonly failure: MessageFailure | null
  /** Its place in the log, when it was accepted and the log here has not got that far. */
  readonly accepted: { readonly seq: number; readonly at: number } | null
  /** It was in the log, and the server has lost it. */
  readonly wasAccepted?: true
}

/** A message that is here and that the server has lost. */
export interface LostMessage {
  readonly conversationId: ConversationId
  /** Their order in the conversation. */
  readonly place: number
  /** It comes after this one of the log. */
  readonly afterSeq: number
  /** As it was in the log; its seq means nothing any more. */
  readonly entry: LogEntry
  readonly wasRead: boolean
}

const digits = (number: number) => String(number).padStart(12, '0')

export const entryAt = (id: ConversationId, seq: number) =>
  place<LogEntry>('log', `${id}/${digits(seq)}`)
export const seenMessageAt = (id: ConversationId, message: EnvelopeId) =>
  place<number>('seen', `${id}/m/${message}`)
/** Devices choose their ids: only together with the side they write on do they name one device. */
export const seenCounterAt = (
  id: ConversationId,
  { mine, deviceId, counter }: Pick<OpenedEntry, 'mine' | 'deviceId' | 'counter'>,
) => place<number>('seen', `${id}/c/${mine ? 'own' : 'peer'}/${deviceId}/${counter}`)
/** A message that only claims to be from this device takes no name from one that is. */
export const seenForeignAt = (id: ConversationId, message: EnvelopeId) =>
  place<number>('seen', `${id}/f/${message}`)
/**
 * The hash of the envelope of a message that the person discarded. It may have been in flight and still
 * arrive.
 */
export const discardedAt = (id: ConversationId, message: EnvelopeId) =>
  place<string>('seen', `${id}/d/${message}`)
export const lostMessageAt = (id: ConversationId, number: number) =>
  place<LostMessage>('log', `lost/${id}/${digits(number)}`)
export const outboxAt = (id: ConversationId, counter: number, device: DeviceId) =>
  place<OutboxItem>('outbox', `${id}/${digits(counter)}/${device}`)
