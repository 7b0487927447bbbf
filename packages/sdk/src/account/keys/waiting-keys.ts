import { signWritten } from '@sotto/crypto'
import { chatRequests, type WaitingKeys, writtenStop } from '@sotto/wire'
import { ClientError, codeOf } from '../../api/errors.ts'
import type { AccountContext } from '../state/account-context.ts'
import { setKeysAside } from './keys-aside.ts'

/**
 * New keys for an account in use wait (PROTOCOL.md §10.7). On the device that made them nothing counts until
 * then; every other one of the account tells of them, and may stop them.
 */

/**
 * Sends what new keys need, unless they wait. Throws `new_keys_wait`, and `new_keys_stopped` when a device of
 * the account has stopped them: they are then set aside.
 */
export async function sendUnlessWaiting(
  context: AccountContext,
  send: () => Promise<void>,
): Promise<void> {
  const { state } = context
  try {
    await refuseEarly(context)
    await send()
    await state.move({ stage: 'count' })
  } catch (error) {
    if (codeOf(error) === 'new_keys_wait') await noteDueAt(context, dueAtOf(error))
    if (codeOf(error) === 'new_keys_stopped') {
      await setKeysAside(context)
      await state.updateLogin((login) => ({ ...login, newKeysStopped: true }))
    }
    throw error
  }
}

/** While they wait the record is not sent again and again. */
async function refuseEarly(context: AccountContext): Promise<void> {
  const { own, login } = context.state.memory
  const dueAt = login?.newKeysDueAt
  if (dueAt === undefined || !own || context.now() >= dueAt) return
  const waiting = await listWaiting(context)
  const ours = waiting.find(({ identityKey }) => identityKey === own.record.identityKey)
  // Stopped, or the server has lost them: it says which when they are sent again.
  if (ours && context.now() < ours.dueAt) {
    throw new ClientError('new_keys_wait', { dueAt: ours.dueAt })
  }
}

function dueAtOf(error: unknown): number | undefined {
  const dueAt = error instanceof ClientError ? error.details?.dueAt : undefined
  return typeof dueAt === 'number' ? dueAt : undefined
}

async function noteDueAt({ state }: AccountContext, dueAt: number | undefined): Promise<void> {
  if (dueAt === undefined) await state.move({ stage: 'count' })
  else await state.move({ stage: 'wait' }, { dueAt })
}

async function listWaiting({ authorized }: AccountContext): Promise<readonly WaitingKeys[]> {
  return (await authorized(chatRequests.listNewKeys, {})).waiting
}

/** Takes note of new keys that wait for this account. Whether they are others than before. */
export async function noteWaitingKeys(context: AccountContext): Promise<boolean> {
  const { state } = context
  const waitingKeys = await listWaiting(context)
  const before = state.me().own.waitingKeys ?? []
  const isSame =
    before.length === waitingKeys.length &&
    before.every(({ identityKey }, at) => waitingKeys[at]?.identityKey === identityKey)
  if (isSame) return false
  await state.updateOwn((own) => ({ ...own, waitingKeys }))
  return true
}

/** Stops new keys that wait for this account. */
export async function stopNewKeys(context: AccountContext, identityKey: string): Promise<void> {
  const { state, authorized } = context
  const { accountId, keys, own } = state.me()
  const stop = async (version: number) => {
    const write = await signWritten(keys.identity, accountId, writtenStop(identityKey), version)
    await authorized(chatRequests.stopNewKeys, { body: { identityKey, write } })
  }
  await stop(own.record.version).catch((error: unknown) => {
    // Another own device has published a record that is not here yet; what it says does not matter.
    const current = codeOf(error) === 'stale_version' && (error as ClientError).details
    if (!current || typeof current.currentVersion !== 'number') throw error
    return stop(current.currentVersion)
  })
  await noteWaitingKeys(context)
}
