import { z } from 'zod'
import { AccountId, DeviceId, SessionId } from './ids.ts'
import {
  MAX_OPAQUE_CHARS,
  MAX_TOKEN_CHARS,
  MAX_WRAP_CHARS,
  ONE_TIME_CODE_DIGITS,
} from './limits.ts'
import { base64url, Moment } from './text.ts'

/** A way in which one-time codes go out, and so in which somebody may prove who they are. */
export const CodeChannel = z.enum(['phone', 'email'])
export type CodeChannel = z.infer<typeof CodeChannel>

export const ChallengeId = z.uuid().brand<'ChallengeId'>()
export type ChallengeId = z.infer<typeof ChallengeId>

/** A one-time code as it is typed. */
export const OneTimeCode = z
  .string()
  .length(ONE_TIME_CODE_DIGITS)
  .regex(/^[0-9]+$/)

/** A started proof of a phone number or an e-mail address; the same for known and unknown ones. */
export const Challenge = z.strictObject({
  challengeId: ChallengeId,
  expiresIn: z.int().positive(),
})
export type Challenge = z.infer<typeof Challenge>

/** Permission, for some minutes, to set the password of the account that owns a proven address. */
export const Ticket = base64url(86).min(43)

/** An OPAQUE message (RFC 9807) in the encoding of the library. */
export const OpaqueMessage = base64url(MAX_OPAQUE_CHARS).min(1)

/** What opens the root secret: the password (OPAQUE's export key) or the recovery code. */
export const WrapKind = z.enum(['password', 'recovery_code'])
export type WrapKind = z.infer<typeof WrapKind>

/** The root secret, encrypted in one of the ways. */
export const Wrap = z.strictObject({
  kind: WrapKind,
  ciphertext: base64url(MAX_WRAP_CHARS).min(1),
})
export type Wrap = z.infer<typeof Wrap>

/** The `reason` of `refresh_refused`, where the owner of the token can be told one. */
export const RefreshRefusal = z.enum([
  /** The operator has suspended the account. */
  'account_suspended',
  /** There is no such account (any more): the operator has removed it, or put back an older backup. */
  'account_gone',
])
export type RefreshRefusal = z.infer<typeof RefreshRefusal>

/** The device that logs in, and where it wants the refresh token: browsers take the cookie. */
export const LoginDevice = z.strictObject({
  deviceId: DeviceId,
  refreshIn: z.enum(['cookie', 'body']),
})
export type LoginDevice = z.infer<typeof LoginDevice>

/**
 * Tells a device on which the owner of an address has logged in before from strangers, whose tries would
 * otherwise keep it out. Opaque to clients; it proves nothing else.
 */
export const KnownDevice = z.string().max(128)

/** Lifetimes are seconds. `refresh_token` is absent when it travels in the cookie. */
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
  /** After a log-in: to be shown when this device logs in again. */
  known_device: KnownDevice.optional(),
})
export type TokenAnswer = z.infer<typeof TokenAnswer>

/** Where no refresh token was sent. */
export const NoSession = z.strictObject({ session: z.null() })
export type NoSession = z.infer<typeof NoSession>

/** A log-in of the own account, for the page of devices and sessions. */
export const SessionEntry = z.strictObject({
  sessionId: SessionId,
  deviceId: DeviceId,
  startedAt: Moment,
  lastUsedAt: Moment,
  current: z.boolean(),
  /** Whether its device has shown that it belongs to the account. Absent from a server of the version before. */
  proven: z.boolean().optional(),
})
export type SessionEntry = z.infer<typeof SessionEntry>

/** What the auth service knows about the own account. */
export const OwnAccount = z.strictObject({
  accountId: AccountId,
  phone: z.string().max(20).nullable(),
  email: z.string().max(254).nullable(),
  /** Whether others find the account by its exact phone number or e-mail address. */
  findable: z.boolean(),
})
export type OwnAccount = z.infer<typeof OwnAccount>
