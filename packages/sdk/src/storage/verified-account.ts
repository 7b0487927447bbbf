import type { AccountRecord, DeviceId, Revocation } from '@sotto/wire'

/** An account's data after its signatures were checked. */

/** A contact's device, whose credential was verified under `identityKey`. */
export interface ContactDevice {
  readonly deviceId: DeviceId
  /** Raw Ed25519, base64url. */
  readonly deviceKey: string
  readonly identityKey: string
  /** From the signed record; compared with the server's time of acceptance. */
  readonly revokedAt: number | null
}

/** The revocation of a device, from the first verified record that contained it. */
export interface SeenRevocation extends Revocation {
  /** The key that signed it: a record revokes only devices under its own key. */
  readonly identityKey: string
}

/** A contact's published data, verified as a whole. */
export interface VerifiedAccount {
  readonly record: AccountRecord
  readonly statement: string
  readonly picture: string | null
  readonly devices: readonly ContactDevice[]
  /** The keys of past records, each with the identity key that signed it. */
  readonly pastKeys: readonly {
    readonly identityKey: string
    readonly ecdhKey: string
    readonly rsaKey: string | null
  }[]
  /** Includes those of earlier records; absent while they are the same as in `record`. */
  readonly revocations?: readonly SeenRevocation[]
  /** For a key that replaces a pinned one: how the pinned key has signed it. Absent if it hasn't. */
  readonly succeeds?: Succeeding
}

/** A chain from one identity key to another, in which each has signed the next. */
export interface Succeeding {
  /** The last key in the chain. */
  readonly identityKey: string
  /** The keys in between, latest first. */
  readonly through: readonly string[]
  /** When the last key was introduced, and on which device, according to its predecessor. */
  readonly at: number
  readonly device: DeviceId
}
