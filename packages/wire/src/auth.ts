import { z } from 'zod'
import { AccountId, DeviceId, SessionId } from './ids.ts'
import {
  MAX_OPAQUE_CHARS,
  MAX_TOKEN_CHARS,
  MAX_WRAP_CHARS,
  ONE_TIME_CODE_DIGITS,
} from './limits.ts'
import { base64url, Moment } from './text.ts'

/** A channel for one-time codes, and thus a way to prove who you are. */
export const CodeChannel = z.enum(['phone', 'email'])
export type CodeChannel = z.infer<typeof CodeChannel>

export const ChallengeId = z.uuid().brand<'ChallengeId'>()
export type ChallengeId = z.infer<typeof ChallengeId>

/** A one-time code as the person types it. */
export const OneTimeCode = z
  .string()
  .length(ONE_TIME_CODE_DIGITS)
  .regex(/^[0-9]+$/)

/**
 * A challenge for a phone number or email address. It looks the same for known and unknown ones.
 */
export const Challenge = z.strictObject({
  challengeId: ChallengeId,
  expiresIn: z.int().positive(),
})
export type Challenge = z.infer<typeof Challenge>

/** A short-lived permission to set the password of the account that owns a proven address. */
export const Ticket = base64url(86).min(43)

/** An OPAQUE message (RFC 9807) in the library's encoding. */
export const OpaqueMessage = base64url(MAX_OPAQUE_CHARS).min(1)

/**
 * The secret that opens a wrap of the root secret: the password (OPAQUE's export key) or the
 * recovery code.
 */
export const WrapKind = z.enum(['password', 'recovery_code'])
export type WrapKind = z.infer<typeof WrapKind>

/** The root secret, encrypted in one of these ways. */
export const Wrap = z.strictObject({
  kind: WrapKind,
  ciphertext: base64url(MAX_WRAP_CHARS).min(1),
})
export type Wrap = z.infer<typeof Wrap>

/** The `reason` of `refresh_refused`, if the owner of the token may be told one. */
export const RefreshRefusal = z.enum([
  /** The operator has suspended the account. */
  'account_suspended',
  /**
   * The account does not exist or no longer exists: the operator removed it or restored an older
   * backup.
   */
  'account_gone',
])
export type RefreshRefusal = z.infer<typeof RefreshRefusal>

/**
 * The device that logs in, and how it wants to receive the refresh token. Browsers use the cookie.
 */
export const LoginDevice = z.strictObject({
  deviceId: DeviceId,
  refreshIn: z.enum(['cookie', 'body']),
})
export type LoginDevice = z.infer<typeof LoginDevice>

/**
 * Distinguishes a device that the owner of an address has used before from strangers, whose
 * attempts would otherwise lock it out. Opaque to clients; it proves nothing else.
 */
export const KnownDevice = z.string().max(128)

/** Lifetimes are in seconds. `refresh_token` is absent when the cookie carries it. */
export const TokenAnswer = z.strictObject({
  access_token: z.string().max(MAX_TOKEN_CHARS),
  token_type: z.literal('Bearer'),
  expires_in: z.int().positive(),
  refresh_token: z.string().max(MAX_TOKEN_CHARS).optional(),
  refresh_expires_in: z.int().positive(),
  account_id: AccountId,
  session_id: SessionId,
  device_id: DeviceId,
  /** Whether this log-in created the account. */
  created: z.boolean(),
  /** Returned after a log-in. The device presents it at its next log-in. */
  known_device: KnownDevice.optional(),
})
export type TokenAnswer = z.infer<typeof TokenAnswer>

/** The answer if no refresh token was sent. */
export const NoSession = z.strictObject({ session: z.null() })
export type NoSession = z.infer<typeof NoSession>

/** A log-in of the caller's account, for the page of devices and sessions. */
export const SessionEntry = z.strictObject({
  sessionId: SessionId,
  deviceId: DeviceId,
  startedAt: Moment,
  lastUsedAt: Moment,
  current: z.boolean(),
  /**
   * Whether the device has proven that it belongs to the account. Absent from a server of the
   * previous version.
   */
  proven: z.boolean().optional(),
})
export type SessionEntry = z.infer<typeof SessionEntry>

/** Everything that the auth service knows about the caller's account. */
export const OwnAccount = z.strictObject({
  accountId: AccountId,
  phone: z.string().max(20).nullable(),
  email: z.string().max(254).nullable(),
  /** Whether others can find the account by its exact phone number or email address. */
  findable: z.boolean(),
})
export type OwnAccount = z.infer<typeof OwnAccount>
