import type { RenewedKeys } from '../../api/views.ts'
import { put, remove } from '../../storage/record-kind.ts'
import { type Login, UPLOADS } from '../../storage/records/account.ts'
import { KEY_BOX, ROOT_SECRET } from '../../storage/records/keys.ts'
import { type KeysAside, keysAsideAt } from '../../storage/records/keys-aside.ts'
import type { Change } from '../../storage/storage.ts'
import type { AccountContext } from '../state/account-context.ts'

/**
 * Keys that the server no longer accepts. Either the person started over with new keys on another device, or the server
 * is lying; this device can't tell which. So it sets the keys aside without ever deleting them, and uses them again as
 * soon as the server shows them again.
 */

/** Sets the account's keys aside. The device is then like a new one that has a history. */
export async function setKeysAside(context: AccountContext, renewed?: RenewedKeys): Promise<void> {
  const { state } = context
  const { login, own, keys } = state.memory
  if (!login || !own || !keys) return
  const nothing = { own: undefined, keys: undefined, device: undefined, pendingCode: undefined }
  const told = (login: Login) => ({ ...login, ...(renewed && { renewed }) })
  await state.move({ stage: 'set_aside' }, { ...nothing, login: told }, [
    ...(await asideOf(context)),
    remove(UPLOADS),
    remove(ROOT_SECRET),
    remove(KEY_BOX),
  ])
}

/** The change that stores the current keys next to those in use. */
export async function asideOf({ state, storage }: AccountContext): Promise<Change[]> {
  const { login, own, keys, device } = state.memory
  if (!login || !own || !keys) return []
  const aside: KeysAside = {
    accountId: login.accountId,
    own,
    keys: storage.keepsPrivateKeys ? keys : null,
    device: device ? { deviceId: login.deviceId, key: device } : null,
    keyBox: (await storage.load(KEY_BOX)) ?? null,
    rootSecret: (await storage.load(ROOT_SECRET)) ?? null,
  }
  return [put(keysAsideAt(login.accountId, own.record.identityKey), aside)]
}

/**
 * Puts the keys with this identity key back into use if they are set aside here, along with the device key if the
 * device id is still the same. Returns whether it did.
 */
export async function reuseKeysAside(
  { state, storage }: AccountContext,
  identityKey: string,
): Promise<boolean> {
  const login = state.login()
  const place = keysAsideAt(login.accountId, identityKey)
  const aside = await storage.load(place)
  if (!aside) return false
  const { own, keyBox, rootSecret, device } = aside
  const isSameDevice = device?.deviceId === login.deviceId
  const keys = aside.keys ?? (await state.openKeys(rootSecret, keyBox))
  if (!keys) return false
  const changes = {
    own,
    keys,
    device: isSameDevice ? device.key : undefined,
    pendingCode: undefined,
    login: (login: Login) => ({ ...login, ways: [] }),
  }
  return state.move({ stage: 'unlock' }, changes, [
    ...(keyBox ? [put(KEY_BOX, keyBox)] : []),
    ...(rootSecret ? [put(ROOT_SECRET, rootSecret)] : []),
    remove(place),
  ])
}
