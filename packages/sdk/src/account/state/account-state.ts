import {
  type AccountKeys,
  type Bytes,
  createVaultKey,
  type DeviceKeyPair,
  keysOf,
  openKeyBox,
  type RootSecret,
  type VaultKey,
  vaultOpenRootSecret,
} from '@sotto/crypto'
import type { AccountId, DeviceId, SealedBox } from '@sotto/wire'
import { shownName } from '@sotto/wire'
import type { OwnProfile } from '../../api/commands.ts'
import { ClientError } from '../../api/errors.ts'
import { pictureUrl } from '../../published/pictures.ts'
import { createSerial } from '../../scheduling/serial.ts'
import type { Change, Storage } from '../../storage/storage.ts'
import {
  ACCOUNT_KEYS,
  DEVICE_KEY,
  KEY_BOX,
  LOGIN,
  type Login,
  load,
  OWN,
  type Own,
  PENDING_CODE,
  type PendingCode,
  put,
  ROOT_SECRET,
  remove,
  VAULT_KEY,
} from '../../storage/stored.ts'
import { newDevicesOf } from './known-devices.ts'

/** What is known about the own account, in memory as it is in storage. */
export interface AccountMemory {
  login: Login | undefined
  own: Own | undefined
  keys: AccountKeys | undefined
  device: DeviceKeyPair | undefined
  pendingCode: PendingCode | undefined
}

/** An unlocked device: everything it takes to write and to read. */
export interface Me {
  readonly accountId: AccountId
  readonly deviceId: DeviceId
  readonly own: Own
  readonly keys: AccountKeys
  readonly device: DeviceKeyPair
}

/** The account of this device, read at the start and written before it changes in memory. */
export interface AccountState {
  readonly memory: Readonly<AccountMemory>
  /** Stores `changes` in one step with `more`, then takes them over. `undefined` removes. */
  save(changes: Partial<AccountMemory>, more?: readonly Change[]): Promise<void>
  /** Changes what is published, one change after the other. */
  updateOwn(change: (own: Own) => Own, more?: readonly Change[]): Promise<void>
  /** The key under which this device keeps secrets; made when there is none. */
  vault(): Promise<VaultKey>
  rootSecret(): Promise<RootSecret>
  /** The account's keys in a box that this device can open; undefined when it cannot. */
  openKeys(rootSecret: Bytes | null, box: SealedBox | null): Promise<AccountKeys | undefined>
  /** Throws `unauthenticated` unless somebody is logged in. */
  login(): Login
  /** Throws `unauthenticated` unless this device is unlocked. */
  me(): Me
  /** Meanwhile a log-in that has ended counts as one, so that the server can be asked whether it goes on. */
  reviving<T>(work: () => Promise<T>): Promise<T>
  profile(): OwnProfile
  /** Forgets everything that is kept here. */
  erase(): Promise<void>
}

const NOTHING: AccountMemory = {
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

export async function openAccountState(storage: Storage): Promise<AccountState> {
  const memory = await read(storage)
  let vaultKey = await load(storage, VAULT_KEY)
  const inTurn = createSerial()
  let isReviving = false

  const vault = async () => {
    if (!vaultKey) {
      const made = await createVaultKey({ extractable: !storage.keepsPrivateKeys })
      await storage.write([put(VAULT_KEY, made)])
      vaultKey = made
    }
    return vaultKey
  }
  const login = () => {
    if (!memory.login || (memory.login.ended && !isReviving))
      throw new ClientError('unauthenticated')
    return memory.login
  }
  const me = (): Me => {
    const { own, keys, device } = memory
    const { accountId, deviceId } = login()
    if (!own || !keys || !device) throw new ClientError('unauthenticated')
    return { accountId, deviceId, own, keys, device }
  }

  const save: AccountState['save'] = async (changes, more = []) => {
    await storage.write([...changesOf(storage, changes), ...more])
    Object.assign(memory, changes)
  }

  return {
    memory,
    vault,
    login,
    me,
    save,
    updateOwn: (change, more) => inTurn(() => save({ own: change(me().own) }, more)),
    rootSecret: async () => {
      const sealed = await load(storage, ROOT_SECRET)
      if (!sealed) throw new ClientError('unauthenticated')
      return vaultOpenRootSecret(await vault(), login().accountId, sealed)
    },
    openKeys: async (sealed, box) => {
      if (!sealed || !box) return undefined
      const { accountId } = login()
      const rootSecret = await vaultOpenRootSecret(await vault(), accountId, sealed)
      return keysOf(await openKeyBox(rootSecret, accountId, box))
    },
    reviving: (work) => {
      isReviving = true
      return work().finally(() => {
        isReviving = false
      })
    },
    profile: () => profileOf(me()),
    erase: async () => {
      await storage.erase()
      vaultKey = undefined
      Object.assign(memory, NOTHING)
    },
  }
}

function changesOf(storage: Storage, changes: Partial<AccountMemory>): Change[] {
  const names = Object.keys(changes) as (keyof AccountMemory)[]
  return names.flatMap((name) => {
    if (name === 'keys' && !storage.keepsPrivateKeys) return []
    const value = changes[name]
    return [value === undefined ? remove(PLACES[name]) : put<unknown>(PLACES[name], value)]
  })
}

async function read(storage: Storage): Promise<AccountMemory> {
  const login = await load(storage, LOGIN)
  return {
    login,
    own: await load(storage, OWN),
    keys: login && (await readKeys(storage, login.accountId)),
    device: await load(storage, DEVICE_KEY),
    pendingCode: await load(storage, PENDING_CODE),
  }
}

/** The account's keys: as they are, or out of the box where the storage cannot keep them. */
async function readKeys(storage: Storage, accountId: AccountId): Promise<AccountKeys | undefined> {
  if (storage.keepsPrivateKeys) return load(storage, ACCOUNT_KEYS)
  const [vault, sealed, box] = await Promise.all([
    load(storage, VAULT_KEY),
    load(storage, ROOT_SECRET),
    load<SealedBox>(storage, KEY_BOX),
  ])
  if (!vault || !sealed || !box) return undefined
  const rootSecret = await vaultOpenRootSecret(vault, accountId, sealed)
  return keysOf(await openKeyBox(rootSecret, accountId, box))
}

function profileOf({ accountId, deviceId, own }: Me): OwnProfile {
  const { record, picture, phone, email, findable, manifest } = own
  return {
    accountId,
    deviceId,
    name: shownName(record.name),
    picture: pictureUrl(picture),
    hasRsaKey: record.rsaKey !== null,
    phone,
    email,
    findable,
    hasPassword: manifest.wraps.password !== null,
    newDevices: newDevicesOf(own),
    waitingKeys: own.waitingKeys ?? [],
    renewedAt: own.formerKeys?.[0]?.replacedAt ?? null,
  }
}
