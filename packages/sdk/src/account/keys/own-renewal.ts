import type { PublishedAccount } from '@sotto/wire'
import type { RenewedKeys } from '../../api/views.ts'
import { findSuccession } from '../../published/successions.ts'
import type { Own } from '../../storage/records/account.ts'
import type { Succeeding } from '../../storage/verified-account.ts'

/** A key renewal by another device of this account, if our keys have signed it. */

/** The renewal as the person sees it, with the name under which this device knows the other one. */
export function renewalOf({ at, device }: Succeeding, { knownDevices = [] }: Own): RenewedKeys {
  const known = knownDevices.find(({ deviceId }) => deviceId === device)
  return { at, deviceName: known?.name ?? null }
}

/** Whether our key has signed the one that the server shows. */
export async function findRenewal(
  published: PublishedAccount,
  own: Own,
): Promise<RenewedKeys | undefined> {
  const pinned = { identityKey: own.record.identityKey, formerKeys: own.formerKeys ?? [] }
  const succeeds = await findSuccession(published, pinned)
  return succeeds && renewalOf(succeeds, own)
}
