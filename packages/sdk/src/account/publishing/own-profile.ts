import {
  type AccountKeys,
  type KeyBox,
  keysOf,
  publicKeysOf,
  rsaKeyToPem,
  withImportedRsaKey,
  withNewRsaKey,
} from '@sotto/crypto'
import { chosenName } from '../../published/names.ts'
import { pictureOf } from '../../published/pictures.ts'
import { againIfStale } from '../../scheduling/retrying.ts'
import { fromCrypto } from '../keys/crypto-errors.ts'
import { keepKeys, loadKeyBox, storeKeyBox } from '../keys/own-keys.ts'
import { publish } from '../keys/own-record.ts'
import type { AccountContext } from '../state/account-context.ts'
import { putFindable } from './put-findable.ts'

/** Publishes another name or picture under the same keys. */
export async function updateProfile(
  context: AccountContext,
  profile: { name: string; picture: string | null },
): Promise<void> {
  const name = chosenName(profile.name)
  const picture = profile.picture === null ? null : pictureOf(profile.picture)
  await publish(context, () => ({ picture, name }))
}

export async function setFindable(context: AccountContext, findable: boolean): Promise<void> {
  await putFindable(context, findable)
  await context.state.updateOwn((own) => ({ ...own, findable }))
}

/** Creates an RSA key pair, unless there is one, and publishes it. */
export async function createRsaKey(context: AccountContext): Promise<void> {
  await changeRsaKey(context, withNewRsaKey, (keys) => keys.rsa.length > 0)
}

/** Makes an RSA key from a file the current one; earlier ones still open old messages. */
export async function importPem(
  context: AccountContext,
  file: string | Uint8Array<ArrayBuffer>,
  passphrase: string | null,
): Promise<void> {
  await fromCrypto(() =>
    changeRsaKey(context, (keyBox) => withImportedRsaKey(keyBox, file, passphrase)),
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
 * The box comes before the record: if a key were published without its private half in a box, messages would be lost.
 */
async function changeRsaKey(
  context: AccountContext,
  change: (keyBox: KeyBox) => Promise<KeyBox>,
  isDone: (keys: AccountKeys) => boolean = () => false,
): Promise<void> {
  await context.inTurn.keyBox(() => againIfStale(() => changeKeyBox(context, change, isDone)))
  await publishKeys(context)
}

/** Publishes the current keys of the key box, which another device may have changed in the meantime. */
export async function publishKeys(context: AccountContext): Promise<void> {
  await publish(context, ({ picture }) => ({
    picture,
    ...publicKeysOf(context.state.me().keys),
  }))
}

async function changeKeyBox(
  context: AccountContext,
  change: (keyBox: KeyBox) => Promise<KeyBox>,
  isDone: (keys: AccountKeys) => boolean,
): Promise<void> {
  const { keyBox, version } = await loadKeyBox(context)
  const keys = await keysOf(keyBox)
  if (isDone(keys)) return keepKeys(context, keys, version)
  await storeKeyBox(context, await change(keyBox), version + 1, version)
}
