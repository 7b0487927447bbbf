import { DomainError, type WrapsWrite } from '@sotto/service-runtime'
import type { Actor, Written } from '@sotto/wire'
import type { ChatContext } from '../../context.ts'
import { admitDevice } from '../devices/admit-device.ts'
import { verifyWrite } from '../statements/signed-write.ts'

/**
 * Makes the auth service change the wraps of the root secret, if the published identity key has
 * signed the change. A log-in alone is not enough: an overwritten wrap may be the last one that the
 * owner can open.
 */
export async function changeWraps(
  { sql, limits, keepWraps }: ChatContext,
  actor: Actor,
  { change, written, write }: Pick<WrapsWrite, 'change'> & { written: Written; write: string },
): Promise<void> {
  if ('replaceAll' in change) {
    const kinds = new Set(change.replaceAll.map(({ kind }) => kind))
    if (kinds.size < change.replaceAll.length) throw new DomainError('invalid_request')
  }
  await limits.consume('boxes', actor.accountId + actor.deviceId)
  const published = await admitDevice(sql, actor)
  const version = verifyWrite(write, { ...actor, written }, published?.identityKey)
  await keepWraps({ actor, version, change })
}
