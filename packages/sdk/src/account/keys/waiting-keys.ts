import { signWritten } from '@sotto/crypto'
import { chatRequests, type WaitingKeys, writtenStop } from '@sotto/wire'
import { ClientError, codeOf } from '../../api/errors.ts'
import type { AccountContext } from '../state/account-context.ts'
import { setKeysAside } from './keys-aside.ts'

/**
 * New keys for an account in use have to wait (PROTOCOL.md §10.7). Until then nothing works on the device that made
 * them; the account's other devices show a warning and may stop them.
 */

/**
 * Sends the uploads for new keys, unless the keys have to wait. Throws `new_keys_wait`, or `new_keys_stopped` if a
 * device of the account has stopped them; they are then set aside.
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

/** Keeps the record from being sent over and over while the keys wait. */
async function refuseEarly(context: AccountContext): Promise<void> {
  const { own, login } = context.state.memory
  const dueAt = login?.newKeysDueAt
  if (dueAt === undefined || !own || context.now() >= dueAt) return
  const waiting = await listWaiting(context)
  const ours = waiting.find(({ identityKey }) => identityKey === own.record.identityKey)
  // Either stopped, or lost by the server: the next upload tells which.
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

/** Records new keys that are waiting for this account. Returns whether they have changed. */
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

/** Stops new keys that are waiting for this account. */
export async function stopNewKeys(context: AccountContext, identityKey: string): Promise<void> {
  const { state, authorized } = context
  const { accountId, keys, own } = state.me()
  const stop = async (version: number) => {
    const write = await signWritten(keys.identity, accountId, writtenStop(identityKey), version)
    await authorized(chatRequests.stopNewKeys, { body: { identityKey, write } })
  }
  await stop(own.record.version).catch((error: unknown) => {
    // Another of our devices has published a record that isn't here yet; its content doesn't matter.
    const current = codeOf(error) === 'stale_version' && (error as ClientError).details
    if (!current || typeof current.currentVersion !== 'number') throw error
    return stop(current.currentVersion)
  })
  await noteWaitingKeys(context)
}
