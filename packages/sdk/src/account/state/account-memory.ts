import {
  type AccountKeys,
  DecryptError,
  type DeviceKeyPair,
  keysOf,
  openKeyBox,
  vaultOpenRootSecret,
} from '@sotto/crypto'
import type { AccountId } from '@sotto/wire'
import { type Place, put, remove } from '../../storage/record-kind.ts'
import {
  LOGIN,
  type Login,
  OWN,
  type Own,
  PENDING_CODE,
  type PendingCode,
} from '../../storage/records/account.ts'
import {
  ACCOUNT_KEYS,
  DEVICE_KEY,
  KEY_BOX,
  ROOT_SECRET,
  VAULT_KEY,
} from '../../storage/records/keys.ts'
import type { Change } from '../../storage/storage.ts'
import type { Store } from '../../storage/store.ts'

/** The account's stored state, held in memory. */
export interface AccountMemory {
  login: Login | undefined
  own: Own | undefined
  keys: AccountKeys | undefined
  device: DeviceKeyPair | undefined
  pendingCode: PendingCode | undefined
}

export const NOTHING: AccountMemory = {
  login: undefined,
  own: undefined,
  keys: undefined,
  device: undefined,
  pendingCode: undefined,
}

const PLACES = {
  login: LOGIN,
  own: OWN,
  keys: ACCOUNT_KEYS,
  device: DEVICE_KEY,
  pendingCode: PENDING_CODE,
} as const

/** The changes that store these parts of the memory; `undefined` removes. */
export function changesOf(storage: Store, changes: Partial<AccountMemory>): Change[] {
  const names = Object.keys(changes) as (keyof AccountMemory)[]
  return names.flatMap((name) => {
    if (name === 'keys' && !storage.keepsPrivateKeys) return []
    return [changeOf(PLACES[name] as Place<unknown>, changes[name])]
  })
}

function changeOf(place: Place<unknown>, value: unknown): Change {
  return value === undefined ? remove(place) : put(place, value)
}

export async function readMemory(storage: Store): Promise<AccountMemory> {
  const login = await storage.load(LOGIN)
  return {
    login,
    own: await storage.load(OWN),
    keys: login && (await readKeys(storage, login.accountId)),
    device: await storage.load(DEVICE_KEY),
    pendingCode: await storage.load(PENDING_CODE),
  }
}

/** The account's keys, read directly or from their box if the storage can't hold keys. */
async function readKeys(storage: Store, accountId: AccountId): Promise<AccountKeys | undefined> {
  if (storage.keepsPrivateKeys) return storage.load(ACCOUNT_KEYS)
  const [vault, sealed, box] = await Promise.all([
    storage.load(VAULT_KEY),
    storage.load(ROOT_SECRET),
    storage.load(KEY_BOX),
  ])
  if (!vault || !sealed || !box) return undefined
  try {
    const rootSecret = await vaultOpenRootSecret(vault, accountId, sealed)
    return keysOf(await openKeyBox(rootSecret, accountId, box))
  } catch (error) {
    // It looks like a box but is damaged: it stays in storage and counts as missing.
    if (error instanceof DecryptError) return undefined
    throw error
  }
}
