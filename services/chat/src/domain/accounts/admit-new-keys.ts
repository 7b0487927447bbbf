import { DomainError, type Tx } from '@sotto/service-runtime'
import {
  type AccountId,
  type Actor,
  MAX_WAITING_KEYS,
  type WaitingKeys,
  writtenStop,
} from '@sotto/wire'
import type { ChatContext } from '../../context.ts'
import * as accounts from '../../store/accounts/accounts.ts'
import * as newKeys from '../../store/accounts/new-keys.ts'
import * as devices from '../../store/devices/devices.ts'
import { admitDevice } from '../devices/admit-device.ts'
import { transact } from '../eras/transact.ts'
import { verifyWrite } from '../statements/signed-write.ts'

const DAY = 24 * 60 * 60 * 1000
/** If no device of an account was seen for this long, no one is there to object. */
const UNUSED_MS = 30 * DAY
/** How long a stop is remembered, and keys that were requested but never used. */
const REMEMBERED_MS = 30 * DAY

/**
 * New keys exclude all other devices from the account, and a log-in is enough to request them. So
 * they wait while any device of the account is in use, and each of those may stop them. Records the
 * first request. Throws `new_keys_wait` and `new_keys_stopped`.
 */
export async function askForNewKeys(
  context: ChatContext,
  accountId: AccountId,
  identityKey: string,
): Promise<void> {
  const { sql, newKeysDelayMs, now } = context
  if (newKeysDelayMs === 0 || (await newKeys.find(sql, accountId, identityKey))) return
  if (!(await isInUse(context, accountId))) return
  const askedAt = now()
  const dueAt = askedAt + newKeysDelayMs
  await transact(context, async (tx, record) => {
    await accounts.lock(tx, [accountId])
    await newKeys.removeBefore(tx, accountId, askedAt - REMEMBERED_MS)
    const waiting = await newKeys.listWaiting(tx, accountId, MAX_WAITING_KEYS)
    if (waiting.length === MAX_WAITING_KEYS) throw new DomainError('too_many')
    await newKeys.ask(tx, accountId, { identityKey, askedAt, dueAt })
    await record([
      { type: 'account.changed', recipients: [accountId], accountId },
      { type: 'new_keys.tell', accountId, dueAt },
    ])
  })
}

/** Throws unless waiting keys may take effect now. The caller holds the account's lock. */
export async function admitNewKeys(
  tx: Tx,
  { newKeysDelayMs, now }: Pick<ChatContext, 'newKeysDelayMs' | 'now'>,
  accountId: AccountId,
  identityKey: string,
): Promise<void> {
  if (newKeysDelayMs === 0) return
  const asked = await newKeys.find(tx, accountId, identityKey)
  if (!asked) return
  if (asked.stoppedAt !== null) throw new DomainError('new_keys_stopped')
  if (now() < asked.dueAt) throw new DomainError('new_keys_wait', { dueAt: asked.dueAt })
}

/** Whether any device that the account has signed was seen recently. */
async function isInUse(
  { sql, findLastSeen, now }: ChatContext,
  accountId: AccountId,
): Promise<boolean> {
  const deviceIds = await devices.listInUse(sql, accountId)
  if (deviceIds.length === 0) return false
  const lastSeenAt = await findLastSeen({ accountId, deviceIds: [...deviceIds] })
  return lastSeenAt !== null && lastSeenAt > now() - UNUSED_MS
}

/** New keys of the caller's account that have not taken effect yet. */
export async function listNewKeys(
  { sql }: ChatContext,
  { accountId }: Actor,
): Promise<WaitingKeys[]> {
  return newKeys.listWaiting(sql, accountId, MAX_WAITING_KEYS)
}

/** Permanently stops new keys at the request of a device that has the published identity key. */
export async function stopNewKeys(
  context: ChatContext,
  actor: Actor,
  { identityKey, write }: { identityKey: string; write: string },
): Promise<void> {
  const { accountId } = actor
  await context.limits.consume('boxes', accountId + actor.deviceId)
  await transact(context, async (tx, record) => {
    await accounts.lock(tx, [accountId])
    const published = await admitDevice(tx, actor)
    const written = writtenStop(identityKey)
    const version = verifyWrite(write, { accountId, written }, published?.identityKey)
    const currentVersion = (await accounts.findRecord(tx, accountId))?.version ?? 0
    if (version !== currentVersion) throw new DomainError('stale_version', { currentVersion })
    await newKeys.stop(tx, accountId, identityKey, context.now())
    await record([{ type: 'account.changed', recipients: [accountId], accountId }])
  })
}
