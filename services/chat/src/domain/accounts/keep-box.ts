import { DomainError } from '@sotto/service-runtime'
import { type Actor, type BoxName, MAX_VERSION_STEP, type SealedBox, writtenBox } from '@sotto/wire'
import type { ChatContext } from '../../context.ts'
import * as accounts from '../../store/accounts/accounts.ts'
import * as boxes from '../../store/accounts/boxes.ts'
import * as keptKeys from '../../store/accounts/kept-keys.ts'
import { admitDevice } from '../devices/admit-device.ts'
import { transact } from '../eras/transact.ts'
import { verifyWrite } from '../statements/signed-write.ts'
import { ensureFollows } from '../statements/versions.ts'

export async function loadBox(
  { sql }: ChatContext,
  { accountId }: Actor,
  name: BoxName,
): Promise<SealedBox | null> {
  return (await boxes.find(sql, accountId, name)) ?? null
}

/**
 * Stores the next version of a box, signed by the owner, and notifies the account's devices.
 * Writing the stored box again is a retry after a lost answer.
 */
export async function keepBox(
  context: ChatContext,
  actor: Actor,
  name: BoxName,
  { write, after, ...box }: SealedBox & { write: string; after?: number | undefined },
): Promise<void> {
  const { accountId } = actor
  const { version, ciphertext } = box
  await context.limits.consume('boxes', accountId + actor.deviceId)
  await transact(context, async (tx, record) => {
    await accounts.lock(tx, [accountId])
    const published = await admitDevice(tx, actor)
    const written = writtenBox(name, box)
    const signed = verifyWrite(write, { accountId, written }, published?.identityKey)
    if (signed !== version) throw new DomainError('bad_signature')
    const current = await boxes.find(tx, accountId, name)
    if (current?.version === version && current.ciphertext === ciphertext) return
    const currentVersion = current?.version ?? 0
    ensureFollows(version, { currentVersion, after, maxStep: MAX_VERSION_STEP })
    await keptKeys.keepBox(tx, accountId, name, context.now())
    // An instance of the previous version writes without the lock.
    const isReplaced = await boxes.replace(tx, accountId, name, box)
    if (!isReplaced) throw new DomainError('stale_version', { currentVersion })
    await record([{ type: 'box.changed', recipients: [accountId], box: name, version }])
  })
}
