import type { AccountRecord, DeviceId } from '@sotto/wire'
import type { ContactDevice, SeenRevocation, VerifiedAccount } from '../storage/verified-account.ts'

/**
 * An account's devices and past keys. A server could omit some to make their messages look forged, so everything that
 * was verified once stays.
 */

/** `shown`, combined with earlier knowledge that remains valid. */
export function withEarlier(
  known: VerifiedAccount | null | undefined,
  shown: VerifiedAccount,
): VerifiedAccount {
  return {
    ...shown,
    devices: mergedDevices(known, shown),
    pastKeys: mergedPastKeys(known, shown),
    revocations: mergedRevocations(known, shown),
  }
}

/** The devices of `known` and `shown`, each with the first key that was verified for it. */
export function mergedDevices(
  known: VerifiedAccount | null | undefined,
  shown: VerifiedAccount,
): ContactDevice[] {
  const nameOf = ({ identityKey, deviceId }: ContactDevice) => `${identityKey} ${deviceId}`
  const devices = new Map((known?.devices ?? []).map((device) => [nameOf(device), device]))
  for (const device of shown.devices) {
    if (!devices.has(nameOf(device))) devices.set(nameOf(device), { ...device, revokedAt: null })
  }
  const revocations = mergedRevocations(known, shown)
  return [...devices.values()].map((device) => {
    // A revocation is final, and its first time counts.
    const revokedAt = device.revokedAt ?? revocationIn(revocations, device)
    return { ...device, revokedAt }
  })
}

type DeviceName = Pick<ContactDevice, 'identityKey' | 'deviceId'>

/** When a device was revoked, or null. A record revokes only devices under its own key. */
export function revocationIn(
  revocations: readonly SeenRevocation[],
  { identityKey, deviceId }: DeviceName,
): number | null {
  const isOfDevice = (one: SeenRevocation) =>
    one.identityKey === identityKey && one.device === deviceId
  return revocations.find(isOfDevice)?.at ?? null
}

/** Every verified revocation of an account, with the identity key that signed it. */
export function revocationsOf(
  account: Pick<VerifiedAccount, 'record' | 'revocations'> | null | undefined,
): readonly SeenRevocation[] {
  if (!account) return []
  const { record, revocations } = account
  const { identityKey, revoked } = record
  return revocations ?? revoked.map((one) => ({ ...one, identityKey }))
}

/** Whether an account record revokes this device. */
export function isRevokedIn({ revoked }: AccountRecord, device: DeviceId): boolean {
  return revoked.some((one) => one.device === device)
}

/** A device that was revoked once stays revoked, even if a later record doesn't name it. */
function mergedRevocations(
  known: VerifiedAccount | null | undefined,
  shown: VerifiedAccount,
): SeenRevocation[] {
  const before = revocationsOf(known)
  const isNew = ({ identityKey, device }: SeenRevocation) =>
    revocationIn(before, { identityKey, deviceId: device }) === null
  return [...before, ...revocationsOf(shown).filter(isNew)]
}

/** The keys before those of `shown`: the ones that it names, and those of `known`. */
function mergedPastKeys(
  known: VerifiedAccount | null | undefined,
  shown: VerifiedAccount,
): VerifiedAccount['pastKeys'] {
  const former = known ? [publicKeysIn(known.record)] : []
  const all = [...shown.pastKeys, ...former, ...(known?.pastKeys ?? [])]
  const byName = new Map(all.map((keys) => [nameOf(keys), keys]))
  byName.delete(nameOf(shown.record))
  return [...byName.values()]
}

type PublicKeys = Pick<AccountRecord, 'identityKey' | 'ecdhKey' | 'rsaKey'>

export function areSameKeys(these: PublicKeys, those: PublicKeys): boolean {
  return nameOf(these) === nameOf(those)
}

function nameOf({ identityKey, ecdhKey, rsaKey }: PublicKeys): string {
  return `${identityKey} ${ecdhKey} ${rsaKey}`
}

/** The public keys of a record, with the identity key that signed it. */
export function publicKeysIn({ identityKey, ecdhKey, rsaKey }: AccountRecord): PublicKeys {
  return { identityKey, ecdhKey, rsaKey }
}
