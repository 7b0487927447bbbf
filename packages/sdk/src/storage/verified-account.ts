import type { AccountRecord, DeviceId, Revocation } from '@sotto/wire'

/** What is known of an account after its signatures were checked. */

/** A device of a contact, whose credential was verified under `identityKey`. */
export interface ContactDevice {
  readonly deviceId: DeviceId
  /** Raw Ed25519, base64url. */
  readonly deviceKey: string
  readonly identityKey: string
  /** By the signed record; the server's time of acceptance is compared with it. */
  readonly revokedAt: number | null
}

/** That an account revoked a device, as the record said that was verified first. */
export interface SeenRevocation extends Revocation {
  /** The key that signed it: a record revokes only devices under its own key. */
  readonly identityKey: string
}

/** What a contact published, verified as one whole. */
export interface VerifiedAccount {
  readonly record: AccountRecord
  readonly statement: string
  readonly picture: string | null
  readonly devices: readonly ContactDevice[]
  /** The keys of past records: each with the identity key that signed it. */
  readonly pastKeys: readonly {
    readonly identityKey: string
    readonly ecdhKey: string
    readonly rsaKey: string | null
  }[]
  /** Those of earlier records as well; absent while they are the ones in `record`. */
  readonly revocations?: readonly SeenRevocation[]
  /** In the place of a pinned key: how that has signed for this one. Absent where it has not. */
  readonly succeeds?: Succeeding
}

/** That an identity key, and each one between, has signed for the next. */
export interface Succeeding {
  /** The last of them. */
  readonly identityKey: string
  /** The keys between, the latest first. */
  readonly through: readonly string[]
  /** When the last of them came, and on which device, as its predecessor says. */
  readonly at: number
  readonly device: DeviceId
}
