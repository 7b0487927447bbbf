import { z } from 'zod'
import { AccountId, DeviceId } from './ids.ts'
import { MAX_DEVICES, MAX_PAST_RECORDS } from './limits.ts'
import { base64url, DeviceName, DisplayName, Moment, Picture, Statement } from './text.ts'

/**
 * The payload of an account record: what an account publishes about itself, signed as a whole by its
 * identity key (compact JWS, `alg: EdDSA`, `typ: sotto-account+jws`).
 *
 * `version` only grows: a client refuses a record that is older than the one it has pinned.
 */
export const AccountRecord = z.strictObject({
  account: AccountId,
  version: z.int().positive(),
  name: DisplayName,
  /** Base64url of SHA-256 over the picture's bytes, or null without a picture. */
  pictureSha256: base64url(43).length(43).nullable(),
  /** Raw Ed25519 public key. The record is signed with it: it is trusted by pinning, not by this. */
  identityKey: base64url(43).length(43),
  /** SPKI of the P-256 key for protocol `ecdh`. */
  ecdhKey: base64url(160).min(1),
  /** SPKI of the RSA key for protocol `rsa`, or null while the account has none. */
  rsaKey: base64url(1024).min(1).nullable(),
  issuedAt: Moment,
})
export type AccountRecord = z.infer<typeof AccountRecord>

/**
 * The payload of a credential: "this device key belongs to this device of this account", signed by
 * the identity key (compact JWS, `alg: EdDSA`, `typ: sotto-device+jws`).
 */
export const Credential = z.strictObject({
  account: AccountId,
  device: DeviceId,
  /** Raw Ed25519 public key of the device. */
  deviceKey: base64url(43).length(43),
  name: DeviceName,
  issuedAt: Moment,
})
export type Credential = z.infer<typeof Credential>

/** A device as the chat service lists it. */
export const PublishedDevice = z.strictObject({
  deviceId: DeviceId,
  credential: Statement,
  enrolledAt: Moment,
  revokedAt: Moment.nullable(),
})
export type PublishedDevice = z.infer<typeof PublishedDevice>

/** Everything one account may learn about another: no phone number, no e-mail address. */
export const PublishedAccount = z.strictObject({
  accountId: AccountId,
  record: Statement,
  picture: Picture.nullable(),
  devices: z.array(PublishedDevice).max(MAX_DEVICES),
  /** Former records, newest first: their keys still open old messages. */
  pastRecords: z.array(Statement).max(MAX_PAST_RECORDS),
})
export type PublishedAccount = z.infer<typeof PublishedAccount>

/** What a search or the list of members shows. The name is the server's claim until it is verified. */
export const FoundAccount = z.strictObject({
  accountId: AccountId,
  name: DisplayName,
  picture: Picture.nullable(),
})
export type FoundAccount = z.infer<typeof FoundAccount>
