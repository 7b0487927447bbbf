import type { DeviceId } from '@sotto/wire'
import type { NewDevice } from '../../api/views.ts'
import { isRevokedIn } from '../../published/published-keys.ts'
import type { KnownOwnDevice, Own } from '../../storage/records/account.ts'

/** The account's devices that this one has seen, so that it notices new ones. */

/** `shown` are the devices that the account has signed. Those present at the first check aren't new. */
export function withDevices(own: Own, shown: readonly NewDevice[], self: DeviceId): Own {
  const before = own.knownDevices
  const known = new Map((before ?? []).map((device) => [device.deviceId, device]))
  for (const device of shown) {
    const isNew = before !== undefined && device.deviceId !== self
    known.set(device.deviceId, { ...device, isNew: known.get(device.deviceId)?.isNew ?? isNew })
  }
  return { ...own, knownDevices: [...known.values()] }
}

/** Whether any of them was never seen here, or nothing has been checked yet. */
export function hasUnknown({ knownDevices }: Own, shown: readonly DeviceId[]): boolean {
  if (!knownDevices) return true
  const known = new Set(knownDevices.map(({ deviceId }) => deviceId))
  return shown.some((deviceId) => !known.has(deviceId))
}

/** Our account, after the person has seen these devices. */
export function withSeen(own: Own, seen: readonly DeviceId[]): Own {
  const { knownDevices } = own
  if (!knownDevices) return own
  const after = knownDevices.map((device): KnownOwnDevice => {
    return seen.includes(device.deviceId) ? { ...device, isNew: false } : device
  })
  return { ...own, knownDevices: after }
}

/** The devices to warn the person about. One that was removed in the meantime is no concern. */
export function newDevicesOf({ knownDevices = [], record }: Own): NewDevice[] {
  return knownDevices
    .filter(({ isNew, deviceId }) => isNew && !isRevokedIn(record, deviceId))
    .map(({ deviceId, name, signedAt }) => ({ deviceId, name, signedAt }))
}
