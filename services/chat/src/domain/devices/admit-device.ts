import { DomainError, type Tx } from '@sotto/service-runtime'
import { AccountRecord } from '@sotto/wire'
import { z } from 'zod'
import * as accounts from '../../store/accounts/accounts.ts'
import * as removals from '../../store/accounts/removals.ts'
import * as devices from '../../store/devices/devices.ts'
import { readPayload } from '../statements/statements.ts'

/** The claims of a record that was verified when it was published. */
const PublishedClaims = z.object({
  ...AccountRecord.pick({ pictureSha256: true, identityKey: true, ecdhKey: true, rsaKey: true })
    .shape,
  revoked: AccountRecord.shape.revoked.default([]),
})
export type PublishedClaims = z.infer<typeof PublishedClaims>

export function readClaims(record: string): PublishedClaims {
  return PublishedClaims.parse(readPayload(record))
}

/**
 * Throws `device_not_enrolled` if the calling device was revoked or its account removed, because it
 * may not change anything. A device that is not enrolled yet may. Returns the claims of the
 * published record; undefined if there is none. The caller holds the account's lock.
 */
export async function admitDevice(
  tx: Tx,
  actor: devices.DeviceName,
): Promise<PublishedClaims | undefined> {
  if (await removals.isRemoved(tx, actor.accountId)) throw new DomainError('device_not_enrolled')
  const published = await accounts.findRecord(tx, actor.accountId)
  const claims = published && readClaims(published.record)
  // The record may name a device that never enrolled here, or not before the restored backup.
  const isNamed = claims?.revoked.some(({ device }) => device === actor.deviceId)
  const isRevoked = isNamed || (await devices.isRevoked(tx, actor))
  if (isRevoked) throw new DomainError('device_not_enrolled')
  return claims
}
