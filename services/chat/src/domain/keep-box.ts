import { DomainError } from '@sotto/service-runtime'
import type { Actor, BoxName, SealedBox } from '@sotto/wire'
import type { ChatContext } from '../context.ts'
import * as accounts from '../store/accounts.ts'
import * as boxes from '../store/boxes.ts'
import { admitDevice } from './admit-device.ts'
import { transact } from './transact.ts'
import { ensureFollows } from './versions.ts'

export async function loadBox(
  { sql }: ChatContext,
  { accountId }: Actor,
  name: BoxName,
): Promise<SealedBox | null> {
  return (await boxes.find(sql, accountId, name)) ?? null
}

/**
 * Keeps the next version of a box and tells the account's devices. The stored box again is the retry of
 * a lost answer.
 */
export async function keepBox(
  context: ChatContext,
  actor: Actor,
  name: BoxName,
  box: SealedBox,
): Promise<void> {
  const { accountId } = actor
  const { version, ciphertext } = box
  await context.limits.consume('boxes', accountId + actor.deviceId)
  await transact(context, async (tx, record) => {
    await accounts.lock(tx, [accountId])
    await admitDevice(tx, actor)
    const current = await boxes.find(tx, accountId, name)
    if (current?.version === version && current.ciphertext === ciphertext) return
    const currentVersion = current?.version ?? 0
    ensureFollows(version, currentVersion)
    // An instance of the version before writes without the lock.
    const isReplaced = await boxes.replace(tx, accountId, name, box)
    if (!isReplaced) throw new DomainError('stale_version', { currentVersion })
    await record([{ type: 'box.changed', recipients: [accountId], box: name, version }])
  })
}
