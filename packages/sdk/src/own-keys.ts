import {
  type AccountKeys,
  encodeBase64url,
  type KeyBox,
  keysOf,
  openKeyBox,
  publicKeysOf,
  sealKeyBox,
  withKeysOf,
} from '@sotto/crypto'
import { type AccountRecord, chatRequests, type SealedBox } from '@sotto/wire'
import type { AccountContext } from './account-context.ts'
import { ClientError } from './errors.ts'
import { findBox } from './own-answers.ts'
import { KEY_BOX, put } from './stored.ts'

/** The private keys of the own account in their box on the server. */

/** The box of the own keys; one that does not open under the own root secret is not ours. */
export async function openOwnBox(...box: Parameters<typeof openKeyBox>): Promise<KeyBox> {
  try {
    return await openKeyBox(...box)
  } catch (cause) {
    throw new ClientError('untrusted_answer', undefined, { cause })
  }
}

/** Whether the public keys of a record are keys of the own key box. */
export function hasKeys(record: AccountRecord, keys: AccountKeys): boolean {
  const { identityKey, ecdhKey } = publicKeysOf(keys)
  // A device may have stopped between storing a new RSA key and publishing it.
  const isRsaRight =
    record.rsaKey === null ||
    keys.rsa.some(({ publicKey }) => encodeBase64url(publicKey) === record.rsaKey)
  return record.identityKey === identityKey && record.ecdhKey === ecdhKey && isRsaRight
}

/** Opens the newest box. Throws `untrusted_answer` for one that is older than what is known. */
export async function loadKeyBox(
  context: AccountContext,
): Promise<{ keyBox: KeyBox; version: number }> {
  const { state } = context
  const { accountId, own } = state.me()
  const sealed = await findBox(context, 'keys')
  const least = Math.max(own.boxVersions.keys, own.manifest.boxes.keys)
  if (!sealed || sealed.version < least) throw new ClientError('untrusted_answer')
  const keyBox = await openOwnBox(await state.rootSecret(), accountId, sealed)
  await context.storage.write([put(KEY_BOX, sealed)])
  return { keyBox, version: sealed.version }
}

/** Stores `version` of the box on the server and here. Throws `stale_version` when another device was faster. */
export async function storeKeyBox(
  context: AccountContext,
  keyBox: KeyBox,
  version: number,
): Promise<void> {
  const { state, authorized, storage } = context
  const { accountId } = state.me()
  const body = await sealKeyBox(await state.rootSecret(), accountId, version, keyBox)
  await authorized(chatRequests.putBox, { params: { box: 'keys' }, body })
  await storage.write([put(KEY_BOX, body)])
  await keepKeys(context, await keysOf(keyBox), version)
}

/**
 * Joins the box that this device knows with the one that another own device stored after a restore. The
 * server's keys come first; if it lacks any of the others, all of them are stored as its next version.
 */
export async function joinKeyBox(
  context: AccountContext,
  known: SealedBox,
  shown: SealedBox,
): Promise<void> {
  const { state, storage } = context
  await context.inTurn.keyBox(async () => {
    const rootSecret = await state.rootSecret()
    const { accountId, own } = state.me()
    const theirs = await openOwnBox(rootSecret, accountId, shown)
    const joined = withKeysOf(theirs, await openOwnBox(rootSecret, accountId, known))
    const keys = await keysOf(joined)
    if (publicKeysOf(keys).identityKey !== own.record.identityKey) {
      throw new ClientError('untrusted_answer')
    }
    const before = await keysOf(theirs)
    const isMore = keys.rsa.length > before.rsa.length || keys.ecdh.length > before.ecdh.length
    if (isMore) return storeKeyBox(context, joined, shown.version + 1)
    await storage.write([put(KEY_BOX, shown)])
    await keepKeys(context, keys, shown.version)
  })
}

/** Adopts the keys of a version of the box. */
export async function keepKeys({ state }: AccountContext, keys: AccountKeys, version: number) {
  await state.updateOwn((own) => ({
    ...own,
    boxVersions: { ...own.boxVersions, keys: version },
  }))
  await state.save({ keys })
}
