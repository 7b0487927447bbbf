import type { Tx } from '@sotto/service-runtime'
import type { AccountRecord, Actor, Job } from '@sotto/wire'
import * as devices from '../../store/devices/devices.ts'
import type { PublishedClaims } from './admit-device.ts'

/**
 * Sessions of a revoked device also end if they began shortly after the revocation by another
 * service's clock. The device id never returns, so none of them is needed.
 */
const CLOCKS_DIFFER_MS = 60_000

/**
 * Marks the devices that a new record revokes: those it names and, with a new identity key, all
 * except the calling device. Returns the jobs that end their sessions.
 */
export async function revokeDevices(
  tx: Tx,
  actor: Actor,
  { before, after }: { before: PublishedClaims | undefined; after: AccountRecord },
  now: number,
): Promise<Job[]> {
  const { accountId, deviceId } = actor
  const jobs: Job[] = []
  const hasNewKeys = before !== undefined && before.identityKey !== after.identityKey
  if (hasNewKeys) {
    await devices.revokeOthers(tx, actor, now)
    const allOthers = { allBut: deviceId }
    jobs.push({ type: 'sessions.end', accountId, devices: allOthers, startedBefore: now })
  }

  const named = after.revoked.map(({ device }) => device)
  const known = new Set(hasNewKeys ? [] : before?.revoked.map(({ device }) => device))
  const only = named.filter((device) => !known.has(device))
  if (only.length > 0) {
    await devices.revoke(tx, accountId, only, now)
    const startedBefore = now + CLOCKS_DIFFER_MS
    jobs.push({ type: 'sessions.end', accountId, devices: { only }, startedBefore })
  }
  return jobs
}
