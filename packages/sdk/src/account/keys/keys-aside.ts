import type { RenewedKeys } from '../../api/commands.ts'
import type { Change } from '../../storage/storage.ts'
import {
  KEY_BOX,
  type KeysAside,
  keysAsideAt,
  load,
  put,
  ROOT_SECRET,
  remove,
  UPLOADS,
} from '../../storage/stored.ts'
import type { AccountContext } from '../state/account-context.ts'

/**
 * Keys that the server no longer accepts. The person may have started with new keys on another device, or
 * the server may be lying; this device cannot tell. So the keys are set aside, never deleted, and used
 * again as soon as the server shows them again.
 */

/** Sets the account's keys aside: the device is then like a new one that has a history. */
export async function setKeysAside(context: AccountContext, renewed?: RenewedKeys): Promise<void> {
  const { state } = context
  const { login, own, keys } = state.memory
  if (!login || !own || !keys) return
  const nothing = { own: undefined, keys: undefined, device: undefined, pendingCode: undefined }
  const next = { ...login, standing: 'unknown', ...(renewed && { renewed }) } as const
  await state.save({ ...nothing, login: next }, [
    ...(await asideOf(context)),
    remove(UPLOADS),
    remove(ROOT_SECRET),
    remove(KEY_BOX),
  ])
}

/** The change that keeps the present keys beside those in use. */
export async function asideOf({ state, storage }: AccountContext): Promise<Change[]> {
  const { login, own, keys, device } = state.memory
  if (!login || !own || !keys) return []
  const aside: KeysAside = {
    accountId: login.accountId,
    own,
    keys: storage.keepsPrivateKeys ? keys : null,
    device: device ? { deviceId: login.deviceId, key: device } : null,
    keyBox: (await load(storage, KEY_BOX)) ?? null,
    rootSecret: (await load(storage, ROOT_SECRET)) ?? null,
  }
  return [put(keysAsideAt(login.accountId, own.record.identityKey), aside)]
}

/**
 * Takes the keys with this identity key back into use, if they are set aside here, with the device key
 * when the device id is still the same. Returns whether it did.
 */
export async function takeKeysBack(
  { state, storage }: AccountContext,
  identityKey: string,
): Promise<boolean> {
  const login = state.login()
  const place = keysAsideAt(login.accountId, identityKey)
  const aside = await load(storage, place)
  if (!aside) return false
  const { own, keyBox, rootSecret, device } = aside
  const isSameDevice = device?.deviceId === login.deviceId
  const keys = aside.keys ?? (await state.openKeys(rootSecret, keyBox))
  if (!keys) return false
  const unlocked = { ...login, standing: 'unlocked', ways: [] } as const
  await state.save({ own, keys, device: isSameDevice ? device.key : undefined, login: unlocked }, [
    ...(keyBox ? [put(KEY_BOX, keyBox)] : []),
    ...(rootSecret ? [put(ROOT_SECRET, rootSecret)] : []),
    remove(place),
  ])
  return true
}
