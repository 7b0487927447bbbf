import {
  type AccountKeys,
  type KeyBox,
  keysOf,
  publicKeysOf,
  rsaKeyToPem,
  sealKeyBox,
  signRecord,
  withImportedRsaKey,
  withNewRsaKey,
} from '@sotto/crypto'
import { type AccountRecord, authRequests, chatRequests, DisplayName } from '@sotto/wire'
import type { AccountContext } from './account-context.ts'
import { fromCrypto } from './crypto-errors.ts'
import { ClientError } from './errors.ts'
import { findBox } from './own-answers.ts'
import { hashOfPicture, pictureOf } from './pictures.ts'
import { KEY_BOX, put, type VerifiedAccount } from './stored.ts'
import { hasKeys, openOwnBox } from './unlock.ts'

/** Publishes another name or picture, under the same keys. */
export async function updateProfile(
  context: AccountContext,
  profile: { name: string; picture: string | null },
): Promise<void> {
  if (!DisplayName.safeParse(profile.name).success) {
    throw new ClientError('invalid_request', { path: 'name' })
  }
  const picture = profile.picture === null ? null : pictureOf(profile.picture)
  await publish(context, picture, { name: profile.name })
}

export async function setFindable(context: AccountContext, findable: boolean): Promise<void> {
  await context.authorized(authRequests.setFindable, { body: { findable } })
  await context.state.updateOwn((own) => ({ ...own, findable }))
}

/** Makes an RSA key pair, unless there is one, and publishes it. */
export async function createRsaKey(context: AccountContext): Promise<void> {
  await changeRsaKey(context, withNewRsaKey, (keys) => keys.rsa.length > 0)
}

/** Makes the RSA key of a file the current one; the former ones go on opening old messages. */
export async function importPem(
  context: AccountContext,
  pem: string,
  passphrase: string | null,
): Promise<void> {
  await fromCrypto(() =>
    changeRsaKey(context, (keyBox) => withImportedRsaKey(keyBox, pem, passphrase)),
  )
}

export async function exportPem(
  context: AccountContext,
  passphrase: string | null,
): Promise<string> {
  const { keyBox } = await loadKeyBox(context)
  return fromCrypto(() => rsaKeyToPem(keyBox, passphrase))
}

/**
 * Takes over what another device of this account has published. What is not signed by the own identity
 * key, or holds keys that are not in the own key box, is refused: `untrusted_answer`.
 */
export async function adoptOwnRecord(
  context: AccountContext,
  shown: VerifiedAccount,
): Promise<void> {
  const { state } = context
  const { own, keys } = state.me()
  const { record, statement, picture } = shown
  if (record.version <= own.record.version) return
  if (hasKeys(record, publicKeysOf(keys))) {
    return state.updateOwn((before) => ({ ...before, record, statement, picture }))
  }
  const { keyBox, version } = await loadKeyBox(context)
  const newKeys = await keysOf(keyBox)
  if (!hasKeys(record, publicKeysOf(newKeys))) throw new ClientError('untrusted_answer')
  await keepKeys(context, newKeys, version)
  await state.updateOwn((before) => ({ ...before, record, statement, picture }))
}

/** Box first, record second: a published key whose private half is in no box would lose messages. */
async function changeRsaKey(
  context: AccountContext,
  change: (keyBox: KeyBox) => Promise<KeyBox>,
  isDone: (keys: AccountKeys) => boolean = () => false,
): Promise<void> {
  const { state, authorized, storage } = context
  const { accountId, own } = state.me()
  const { keyBox, version } = await loadKeyBox(context)
  let keys = await keysOf(keyBox)
  if (isDone(keys)) await keepKeys(context, keys, version)
  else {
    const changed = await change(keyBox)
    const body = await sealKeyBox(await state.rootSecret(), accountId, version + 1, changed)
    await authorized(chatRequests.putBox, { params: { box: 'keys' }, body })
    await storage.write([put(KEY_BOX, body)])
    keys = await keysOf(changed)
    await keepKeys(context, keys, version + 1)
  }
  await publish(context, own.picture, publicKeysOf(keys))
}

async function loadKeyBox(context: AccountContext): Promise<{ keyBox: KeyBox; version: number }> {
  const { state } = context
  const { accountId, own } = state.me()
  const sealed = await findBox(context, 'keys')
  if (!sealed || sealed.version < own.boxVersions.keys) throw new ClientError('untrusted_answer')
  const keyBox = await openOwnBox(await state.rootSecret(), accountId, sealed)
  await context.storage.write([put(KEY_BOX, sealed)])
  return { keyBox, version: sealed.version }
}

async function keepKeys({ state }: AccountContext, keys: AccountKeys, version: number) {
  await state.updateOwn((own) => ({
    ...own,
    boxVersions: { ...own.boxVersions, keys: version },
  }))
  await state.save({ keys })
}

async function publish(
  { state, authorized, now }: AccountContext,
  picture: string | null,
  changes: Partial<Pick<AccountRecord, 'name' | 'identityKey' | 'ecdhKey' | 'rsaKey'>>,
): Promise<void> {
  const { own, keys } = state.me()
  const record: AccountRecord = {
    ...own.record,
    ...changes,
    version: own.record.version + 1,
    pictureSha256: await hashOfPicture(picture),
    issuedAt: now(),
  }
  const statement = await signRecord(keys.identity, record)
  await authorized(chatRequests.putUser, { body: { record: statement, picture } })
  await state.updateOwn((before) => ({ ...before, record, statement, picture }))
}
