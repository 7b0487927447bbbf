import type { AccountContext } from './account-context.ts'
import {
  KEY_BOX,
  type KeysAside,
  keysAsideAt,
  load,
  put,
  ROOT_SECRET,
  remove,
  UPLOADS,
} from './stored.ts'

/**
 * Keys that the server does not count any more. The person may have started with new keys on another
 * device, or the server lies; this device cannot tell. So the keys are set aside and never deleted, and
 * they are in use again as soon as the server shows them again.
 */

/** Puts the account's keys aside: the device is as after a log-in on a new browser, but for its history. */
export async function setKeysAside({ state, storage }: AccountContext): Promise<void> {
  const { login, own, keys, device } = state.memory
  if (!login || !own || !keys) return
  const aside: KeysAside = {
    accountId: login.accountId,
    own,
    keys: storage.keepsPrivateKeys ? keys : null,
    keyBox: (await load(storage, KEY_BOX)) ?? null,
    rootSecret: (await load(storage, ROOT_SECRET)) ?? null,
    enrolled: device && { deviceId: login.deviceId, device },
  }
  const nothing = { own: undefined, keys: undefined, device: undefined, pendingCode: undefined }
  await state.save({ ...nothing, login: { ...login, standing: 'unknown' } }, [
    put(keysAsideAt(login.accountId, own.record.identityKey), aside),
    remove(UPLOADS),
    remove(ROOT_SECRET),
    remove(KEY_BOX),
  ])
}

/**
 * Takes the keys with this identity key back into use, if they are set aside here, and the device key, if
 * the device has the same id. Returns whether it did; without a device key, enroll it then.
 */
export async function takeKeysBack(
  { state, storage }: AccountContext,
  identityKey: string,
): Promise<boolean> {
  const login = state.login()
  const place = keysAsideAt(login.accountId, identityKey)
  const aside = await load(storage, place)
  if (!aside) return false
  const { own, keyBox, rootSecret, enrolled } = aside
  const keys = aside.keys ?? (await state.openKeys(rootSecret, keyBox))
  if (!keys) return false
  const device = enrolled?.deviceId === login.deviceId ? enrolled.device : undefined
  const unlocked = { ...login, standing: 'unlocked', ways: [] } as const
  await state.save({ own, keys, device, login: unlocked }, [
    ...(keyBox ? [put(KEY_BOX, keyBox)] : []),
    ...(rootSecret ? [put(ROOT_SECRET, rootSecret)] : []),
    remove(place),
  ])
  return true
}
