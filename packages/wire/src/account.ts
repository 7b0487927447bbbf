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

/** A revoked device. It is part of the signed account record, so a server cannot forge one. */
export const Revocation = z.strictObject({
  device: DeviceId,
  /** Envelopes that the server accepted from the device after this moment do not count. */
  at: Moment,
})
export type Revocation = z.infer<typeof Revocation>

/**
 * The payload of an account record: everything that an account publishes about itself, signed as a
 * whole by its identity key (compact JWS, `alg: EdDSA`, `typ: sotto-account+jws`).
 *
 * Versions only increase. A client rejects a record that is older than the one it has pinned.
 */
export const AccountRecord = z.strictObject({
  account: AccountId,
  version: Version,
  name: SignedName,
  /** Base64url of SHA-256 over the picture's bytes, or null without a picture. */
  pictureSha256: Bytes32.nullable(),
  /**
   * Raw Ed25519 public key. It also signs the record, so only pinning makes it trustworthy, not its
   * presence here.
   */
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
 * The payload of a succession: "my keys are these from now on", signed by the identity key being
 * replaced (compact JWS, `alg: EdDSA`, `typ: sotto-succession+jws`). Clients that have pinned that
 * key accept the new one.
 */
export const Succession = z.strictObject({
  account: AccountId,
  /**
   * Raw Ed25519 key that signs this statement. Only pinning makes it trustworthy, not its presence
   * here.
   */
  formerKey: Bytes32,
  /** Raw Ed25519 key that replaces it. */
  identityKey: Bytes32,
  /** The device on which the person renewed the keys. */
  device: DeviceId,
  issuedAt: Moment,
})
export type Succession = z.infer<typeof Succession>

/**
 * Successions of one account, latest first. Each leads to the key that the previous entry replaces.
 */
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
  /**
   * The person's name for the device, sealed under the root secret: only their own devices can read
   * it.
   */
  sealedName: base64url(SEALED_DEVICE_NAME_CHARS).length(SEALED_DEVICE_NAME_CHARS),
  issuedAt: Moment,
})
export type Credential = z.infer<typeof Credential>

/**
 * The payload of a manifest: the newest version of everything that an account stores on the server
 * (compact JWS by the identity key, `typ: sotto-manifest+jws`). Only the account itself reads it. A
 * new device checks the server's answers against it, so that it notices outdated boxes or wraps.
 */
export const Manifest = z.strictObject({
  account: AccountId,
  version: Version,
  /** The version of the account record. */
  record: Version,
  boxes: z.strictObject({ keys: Version, contacts: Version }),
  /** Base64url of SHA-256 over the bytes of each wrap; null if there is no such wrap. */
  wraps: z.strictObject({
    password: Bytes32.nullable(),
    recovery_code: Bytes32.nullable(),
  }),
  issuedAt: Moment,
})
export type Manifest = z.infer<typeof Manifest>

/**
 * The payload of a signed write: "the account's owner stores this" (compact JWS by the identity
 * key, `typ: sotto-write+jws`). A session alone cannot write a box or a wrap. Statements need no
 * signed write, because they are signed themselves.
 */
export const SignedWrite = z.strictObject({
  account: AccountId,
  /** A box, all wraps or one of them, the removal of the password, or a stop of new keys. */
  what: z.enum([
    'keys',
    'contacts',
    'wraps',
    'password',
    'recovery_code',
    'no_password',
    'stop_new_keys',
  ]),
  /**
   * The version of the box or of the wraps; for a stop of new keys, that of the published record.
   */
  version: Version,
  /** Base64url of SHA-256 over the written text. */
  sha256: Bytes32,
})
export type SignedWrite = z.infer<typeof SignedWrite>

/**
 * The payload of a device proof: "this device answers this challenge", signed by its device key
 * (compact JWS, `typ: sotto-proof+jws`). It restores a session that was lost when the server was
 * restored.
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

/**
 * Everything that one account may learn about another. It contains no phone number and no email
 * address.
 */
export const PublishedAccount = z.strictObject({
  accountId: AccountId,
  record: Statement,
  picture: Picture.nullable(),
  devices: z.array(PublishedDevice).max(MAX_DEVICES),
  /** Former records, newest first: their keys still open old messages. */
  pastRecords: z.array(Statement).max(MAX_PAST_RECORDS),
  /** How the identity keys succeeded one another; absent if they never changed. */
  successions: Successions.optional(),
})
export type PublishedAccount = z.infer<typeof PublishedAccount>

/**
 * New keys of the caller's account that have not taken effect yet. A logged-in session requested
 * them.
 */
export const WaitingKeys = z.strictObject({
  /** Raw Ed25519 key of the waiting record. */
  identityKey: Bytes32,
  askedAt: Moment,
  dueAt: Moment,
})
export type WaitingKeys = z.infer<typeof WaitingKeys>

/**
 * An entry of a search or of the member list. The name is only the server's claim until it is
 * verified.
 */
export const FoundAccount = z.strictObject({
  accountId: AccountId,
  name: SignedName,
  picture: Picture.nullable(),
})
export type FoundAccount = z.infer<typeof FoundAccount>
