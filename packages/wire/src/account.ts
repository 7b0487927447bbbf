import { z } from 'zod'
import { AccountId, DeviceId } from './ids.ts'
import {
  MAX_DEVICES,
  MAX_PAST_RECORDS,
  MAX_SUCCESSION_CHARS,
  MAX_SUCCESSIONS,
  SEALED_DEVICE_NAME_CHARS,
} from './limits.ts'
import {
  Bytes32,
  base64url,
  Moment,
  Picture,
  SessionChallenge,
  SignedName,
  Statement,
  Version,
} from './text.ts'

/** A device that no longer counts. Signed as part of the account record, so no server can claim it. */
export const Revocation = z.strictObject({
  device: DeviceId,
  /** Envelopes of the device that were accepted later do not count. */
  at: Moment,
})
export type Revocation = z.infer<typeof Revocation>

/**
 * The payload of an account record: what an account publishes about itself, signed as a whole by its
 * identity key (compact JWS, `alg: EdDSA`, `typ: sotto-account+jws`).
 *
 * Each version follows the one before. A client refuses a record that is older than the one it has
 * pinned.
 */
export const AccountRecord = z.strictObject({
  account: AccountId,
  version: Version,
  name: SignedName,
  /** Base64url of SHA-256 over the picture's bytes, or null without a picture. */
  pictureSha256: Bytes32.nullable(),
  /** Raw Ed25519 public key. The record is signed with it: it is trusted by pinning, not by this. */
  identityKey: Bytes32,
  /** SPKI of the P-256 key for protocol `ecdh`. */
  ecdhKey: base64url(160).min(1),
  /** SPKI of the RSA key for protocol `rsa`, or null while the account has none. */
  rsaKey: base64url(1024).min(1).nullable(),
  /** Every device that this identity key has revoked. A later record never drops one. */
  revoked: z.array(Revocation).max(MAX_DEVICES),
  issuedAt: Moment,
})
export type AccountRecord = z.infer<typeof AccountRecord>

/**
 * The payload of a succession: "my keys are these from now on", signed by the identity key that is given up
 * (compact JWS, `alg: EdDSA`, `typ: sotto-succession+jws`). Whoever has pinned that key follows.
 */
export const Succession = z.strictObject({
  account: AccountId,
  /** Raw Ed25519, which signs this: it is trusted by pinning, not by standing here. */
  formerKey: Bytes32,
  /** Raw Ed25519, in its place. */
  identityKey: Bytes32,
  /** The device on which the person renewed the keys. */
  device: DeviceId,
  issuedAt: Moment,
})
export type Succession = z.infer<typeof Succession>

/** Successions of one account, the latest first: each leads to the key that the one before it gives up. */
export const Successions = z.array(Statement.max(MAX_SUCCESSION_CHARS)).min(1).max(MAX_SUCCESSIONS)

/**
 * The payload of a credential: "this device key belongs to this device of this account", signed by
 * the identity key (compact JWS, `alg: EdDSA`, `typ: sotto-device+jws`).
 */
export const Credential = z.strictObject({
  account: AccountId,
  device: DeviceId,
  /** Raw Ed25519 public key of the device. */
  deviceKey: Bytes32,
  /** What the person calls the device, sealed under the root secret: for own devices only. */
  sealedName: base64url(SEALED_DEVICE_NAME_CHARS).length(SEALED_DEVICE_NAME_CHARS),
  issuedAt: Moment,
})
export type Credential = z.infer<typeof Credential>

/**
 * The payload of a manifest: the newest version of everything that an account keeps on the server
 * (compact JWS by the identity key, `typ: sotto-manifest+jws`). Only the account itself reads it. A new
 * device checks the server's answers against it, so old boxes or wraps are noticed.
 */
export const Manifest = z.strictObject({
  account: AccountId,
  version: Version,
  /** The version of the account record. */
  record: Version,
  boxes: z.strictObject({ keys: Version, contacts: Version }),
  /** Base64url of SHA-256 over the bytes of each wrap; null where there is none. */
  wraps: z.strictObject({
    password: Bytes32.nullable(),
    recovery_code: Bytes32.nullable(),
  }),
  issuedAt: Moment,
})
export type Manifest = z.infer<typeof Manifest>

/**
 * The payload of a signed write: "the owner of the account stores this" (compact JWS by the identity key, `typ:
 * sotto-write+jws`). A session alone writes no box and no wrap. What is a statement itself needs none.
 */
export const SignedWrite = z.strictObject({
  account: AccountId,
  /** A box; all wraps, one of them; that there is to be no password; or that new keys are stopped. */
  what: z.enum([
    'keys',
    'contacts',
    'wraps',
    'password',
    'recovery_code',
    'no_password',
    'stop_new_keys',
  ]),
  /** Of the box, of the wraps, or of the published record when new keys are stopped. */
  version: Version,
  /** Base64url of SHA-256 over what is written, as text. */
  sha256: Bytes32,
})
export type SignedWrite = z.infer<typeof SignedWrite>

/**
 * The payload of a device's proof: "this device answers this challenge", signed by its device key (compact
 * JWS, `typ: sotto-proof+jws`). With it a session that a restored server has lost goes on.
 */
export const DeviceProof = z.strictObject({
  account: AccountId,
  device: DeviceId,
  challenge: SessionChallenge,
  issuedAt: Moment,
})
export type DeviceProof = z.infer<typeof DeviceProof>

/** A device as the chat service lists it. The account record says whether it is revoked. */
export const PublishedDevice = z.strictObject({
  deviceId: DeviceId,
  credential: Statement,
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
  /** How the identity keys followed one another; absent where there is nothing to show. */
  successions: Successions.optional(),
})
export type PublishedAccount = z.infer<typeof PublishedAccount>

/** New keys of the own account that wait to take effect: somebody who has logged in asked for them. */
export const WaitingKeys = z.strictObject({
  /** Raw Ed25519, of the record that waits. */
  identityKey: Bytes32,
  askedAt: Moment,
  dueAt: Moment,
})
export type WaitingKeys = z.infer<typeof WaitingKeys>

/** What a search or the list of members shows. The name is the server's claim until it is verified. */
export const FoundAccount = z.strictObject({
  accountId: AccountId,
  name: SignedName,
  picture: Picture.nullable(),
})
export type FoundAccount = z.infer<typeof FoundAccount>
