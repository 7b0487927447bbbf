import { type Bytes, FormerKey } from '@sotto/crypto'
import {
  AccountId,
  AccountRecord,
  BoxName,
  Bytes32,
  DeviceId,
  KnownDevice,
  Manifest,
  Picture,
  RefreshRefusal,
  SealedBox,
  SessionId,
  Statement,
  Version,
  WaitingKeys,
  Wrap,
} from '@sotto/wire'
import { z } from 'zod'
import type { NewDevice, RenewedKeys } from '../../api/views.ts'
import type { Place, RecordKind, ShapeOf } from '../record-kind.ts'
import { Count, LocalTime, StoredBytes } from './values.ts'

/** Our account's records; its keys are in `keys.ts`. */

/** Why a session cannot be renewed. */
export type EndReason = 'session_ended' | 'session_lost' | RefreshRefusal

export interface Login {
  accountId: AccountId
  sessionId: SessionId
  deviceId: DeviceId
  signedUpWith: 'phone' | 'email'
  /** The phone number or email address typed to log in, so that the same person is recognized next time. */
  handle: string
  /** Null if the browser's cookie holds it. */
  refreshToken: string | null
  /** Why the session is over; stored data waits for the same account to log in again. */
  ended: 'logged_out' | EndReason | null
  /** `unknown` between the log-in and the first check of what the server has. */
  standing: 'unknown' | 'needs_profile' | 'locked' | 'unlocked'
  ways: readonly ('recovery_code' | 'pem')[]
  /** The server knows that this session belongs to a device of the account. Absent means: ask again. */
  isProven?: true
  /** When new keys made on this device take effect, while the server delays them. */
  newKeysDueAt?: number
  /** Another device of the account has stopped the new keys. */
  newKeysStopped?: true
  /** The keys of this device were set aside, because the person renewed them on another device. */
  renewed?: RenewedKeys
}

/** Our account's published data, as this device knows it: never taken from the server's answer. */
export interface Own {
  record: AccountRecord
  statement: string
  /** Base64url of the picture's bytes. */
  picture: string | null
  /** The newest version of each box that this device has seen. */
  boxVersions: Record<BoxName, number>
  /** The newest manifest that this device has signed or verified. */
  manifest: OwnManifest
  /** The valid wraps of the root secret: a new manifest names them. */
  wraps: readonly Wrap[]
  /** This device has changed a wrap, and no manifest names it yet. */
  hasNewWraps: boolean
  /** A manifest that names it was sent, but no answer arrived. */
  isNamingUnsure?: boolean
  /** The hash of a password wrap removed on this device, while a manifest may still name it. */
  removedWrap?: string
  /** Hashes of replaced wraps, latest last. */
  replacedWraps?: readonly string[]
  /** New keys waiting to take effect for this account, as reported by the server. */
  waitingKeys?: readonly WaitingKeys[]
  /** The account's devices seen so far; absent before the first check. */
  knownDevices?: readonly KnownOwnDevice[]
  /** In this era of the server, the record must reach this version, which is later than any it may have lost. */
  raise?: { readonly era: string; readonly to: number }
  phone: string | null
  email: string | null
  findable: boolean
  /** When the current keys were made, if there were others before; older messages may stay unreadable. */
  keysSince: number | null
  /** Earlier identity keys, as reported by the server: messages to this account may name one. */
  formerIdentityKeys?: readonly string[]
  /** How the account came to its identity key, latest succession first. */
  successions?: readonly string[]
  /** Our former keys that signed the current ones on this device, with the range in which they're still valid. */
  formerKeys?: readonly FormerKey[]
  /** The server shows a different identity key for our account than this device has. */
  replaced: boolean
  /** This device's identity key has signed the new one: the keys were renewed on another of our devices. */
  renewed?: RenewedKeys
}

/** A device of our account that this device has seen. */
export interface KnownOwnDevice extends NewDevice {
  /** The person has not been told about it yet. */
  readonly isNew: boolean
}

export interface OwnManifest extends Manifest {
  readonly statement: string
}

/** One upload; each may be repeated without harm. */
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
      /** The server's version that this one replaces, 0 for none; likewise below. */
      readonly after?: number
      /** Our identity key that it replaces, which is set aside on this device until then. */
      readonly givesUp?: string
    }
  | { readonly kind: 'device'; readonly deviceId: DeviceId; readonly credential: string }
  | { readonly kind: 'manifest'; readonly statement: string; readonly after?: number }
  | { readonly kind: 'findable'; readonly findable: boolean }

/** The person who created an invitation, according to its link. */
export interface Inviter {
  readonly accountId: AccountId
  /** Raw Ed25519, base64url. */
  readonly identityKey: string
}

/** An invitation that was opened on this device, until someone logs in. */
export interface OpenedInvitation {
  token: string
  from: Inviter | null
}

/** A recovery code that was shown but not confirmed yet. */
export interface PendingCode {
  readonly purpose: 'setup' | 'renewal'
  /** Under the vault key. */
  readonly sealedCode: Bytes
  readonly askedGroup: number
  /** The wrap that the code must open before it becomes valid. */
  readonly wrap: Wrap
}

const renewedKeys = z.strictObject({
  at: LocalTime,
  deviceName: z.string().nullable(),
} satisfies ShapeOf<RenewedKeys>)

const login: z.ZodType<Login> = z.strictObject({
  accountId: AccountId,
  sessionId: SessionId,
  deviceId: DeviceId,
  signedUpWith: z.enum(['phone', 'email']),
  handle: z.string(),
  refreshToken: z.string().nullable(),
  ended: z
    .union([z.enum(['logged_out', 'session_ended', 'session_lost']), RefreshRefusal])
    .nullable(),
  standing: z.enum(['unknown', 'needs_profile', 'locked', 'unlocked']),
  ways: z.array(z.enum(['recovery_code', 'pem'])),
  isProven: z.literal(true).exactOptional(),
  newKeysDueAt: LocalTime.exactOptional(),
  newKeysStopped: z.literal(true).exactOptional(),
  renewed: renewedKeys.exactOptional(),
} satisfies ShapeOf<Login>)

const own: z.ZodType<Own> = z.strictObject({
  record: AccountRecord,
  statement: Statement,
  picture: Picture.nullable(),
  boxVersions: z.strictObject({ keys: Count, contacts: Count }),
  manifest: Manifest.extend({ statement: Statement }),
  wraps: z.array(Wrap),
  hasNewWraps: z.boolean(),
  isNamingUnsure: z.boolean().exactOptional(),
  removedWrap: Bytes32.exactOptional(),
  replacedWraps: z.array(Bytes32).exactOptional(),
  waitingKeys: z.array(WaitingKeys).exactOptional(),
  knownDevices: z
    .array(
      z.strictObject({
        deviceId: DeviceId,
        name: z.string().nullable(),
        signedAt: LocalTime,
        isNew: z.boolean(),
      } satisfies ShapeOf<KnownOwnDevice>),
    )
    .exactOptional(),
  raise: z.strictObject({ era: z.string(), to: Version }).exactOptional(),
  phone: z.string().nullable(),
  email: z.string().nullable(),
  findable: z.boolean(),
  keysSince: LocalTime.nullable(),
  formerIdentityKeys: z.array(Bytes32).exactOptional(),
  successions: z.array(Statement).exactOptional(),
  formerKeys: z.array(FormerKey).exactOptional(),
  replaced: z.boolean(),
  renewed: renewedKeys.exactOptional(),
} satisfies ShapeOf<Own>)

const after = Count.exactOptional()

const upload: z.ZodType<Upload> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('box'), box: BoxName, sealed: SealedBox, after }),
  z.strictObject({ kind: z.literal('wraps'), wraps: z.array(Wrap) }),
  z.strictObject({ kind: z.literal('wrap'), wrap: Wrap }),
  z.strictObject({ kind: z.literal('no_password') }),
  z.strictObject({
    kind: z.literal('user'),
    statement: Statement,
    picture: Picture.nullable(),
    after,
    givesUp: Bytes32.exactOptional(),
  }),
  z.strictObject({ kind: z.literal('device'), deviceId: DeviceId, credential: Statement }),
  z.strictObject({ kind: z.literal('manifest'), statement: Statement, after }),
  z.strictObject({ kind: z.literal('findable'), findable: z.boolean() }),
])

const inviter: z.ZodType<Inviter> = z.strictObject({ accountId: AccountId, identityKey: Bytes32 })

const invitation: z.ZodType<OpenedInvitation> = z.strictObject({
  token: z.string(),
  from: inviter.nullable(),
})

const pendingCode: z.ZodType<PendingCode> = z.strictObject({
  purpose: z.enum(['setup', 'renewal']),
  sealedCode: StoredBytes,
  askedGroup: z.int().positive(),
  wrap: Wrap,
})

const place = <T>(key: string, schema: z.ZodType<T>): Place<T> => {
  const kind: RecordKind<T> = { collection: 'account', version: 2, schema }
  return { kind, key }
}

export const LOGIN = place('login', login)
export const OWN = place('own', own)
/** The uploads still to be sent, in order. */
export const UPLOADS = place<readonly Upload[]>('uploads', z.array(upload))
export const PENDING_CODE = place('pending-code', pendingCode)
export const CURSOR = place('cursor', z.string())
/** Shows the server that this device has logged in before. */
export const KNOWN_DEVICE = place('known-device', KnownDevice)
export const INVITATION = place('invitation', invitation)
/** The person whose invitation this account signed up with, until the two have met. */
export const INVITED_BY = place('invited-by', inviter)
/** The server era of the logs on this device. */
export const ERA = place('era', z.string())
/** The format of all stored data; see `migrations`. */
export const FORMAT = place('format', z.int().positive())
