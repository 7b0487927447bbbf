import type { AccountRecord, DeviceId } from '@sotto/wire'
import type { ContactDevice, VerifiedAccount } from './stored.ts'

/**
 * Devices and past keys of an account. A server could leave some out to make their messages look forged,
 * so everything that was verified once stays.
 */

/** The devices of `known` and `shown`, each with the first key that was verified for it. */
export function mergedDevices(
  known: VerifiedAccount | undefined,
  shown: VerifiedAccount,
): ContactDevice[] {
  const nameOf = ({ identityKey, deviceId }: ContactDevice) => `${identityKey} ${deviceId}`
  const devices = new Map((known?.devices ?? []).map((device) => [nameOf(device), device]))
  for (const device of shown.devices) {
    if (!devices.has(nameOf(device))) devices.set(nameOf(device), device)
  }
  const { record } = shown
  return [...devices.values()].map((device) => {
    // A revocation is final, and its first time counts.
    const revokedAt = device.revokedAt ?? revocationIn(record, device)
    return { ...device, revokedAt }
  })
}

/** When a device was revoked by the record, or null. A record revokes only devices under its own key. */
export function revocationIn(
  record: AccountRecord,
  { identityKey, deviceId }: Pick<ContactDevice, 'identityKey' | 'deviceId'>,
): number | null {
  return identityKey === record.identityKey ? revokedAtIn(record, deviceId) : null
}

/** When the record says that a device was revoked, or null. */
export function revokedAtIn({ revoked }: AccountRecord, device: DeviceId): number | null {
  return revoked.find((one) => one.device === device)?.at ?? null
}

/** The keys before those of `shown`: the ones it names, and the ones of `known`. */
export function mergedPastKeys(
  known: VerifiedAccount | undefined,
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

/** The public keys of a record, with the identity key that vouches for them. */
export function publicKeysIn({ identityKey, ecdhKey, rsaKey }: AccountRecord): PublicKeys {
  return { identityKey, ecdhKey, rsaKey }
}
