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
import { ClientError } from '../../api/errors.ts'
import type { OwnProfile } from '../../api/views.ts'
import { pictureUrl } from '../../published/pictures.ts'
import { createSerial } from '../../scheduling/serial.ts'
import { put } from '../../storage/record-kind.ts'
import type { Login, Own } from '../../storage/records/account.ts'
import { ROOT_SECRET, VAULT_KEY } from '../../storage/records/keys.ts'
import type { Change } from '../../storage/storage.ts'
import type { Store } from '../../storage/store.ts'
import { type AccountMemory, changesOf, NOTHING, readMemory } from './account-memory.ts'
import {
  LOG_IN,
  type LogInEvent,
  type LogInState,
  STAGE,
  type Stage,
  type StageEvent,
} from './account-stages.ts'
import { newDevicesOf } from './known-devices.ts'
import {
  type AccountChanges,
  type AccountStates,
  changesInto,
  type LoginDetails,
  storedLogIn,
  storedStage,
} from './stored-stages.ts'

/** An unlocked device, with everything needed to write and read. */
export interface Me {
  readonly accountId: AccountId
  readonly deviceId: DeviceId
  readonly own: Own
  readonly keys: AccountKeys
  readonly device: DeviceKeyPair
}

/** Events for the log-in, for the stage, or for both. */
export interface AccountEvents {
  readonly logIn?: LogInEvent
  readonly stage?: StageEvent
}

/** The states in which requests are sent as this device. */
const LOGGED_IN: ReadonlySet<LogInState> = new Set(['open', 'logging_out', 'asking'])

/** Reads this device's account from storage. */
export async function openAccountState(storage: Store): Promise<AccountState> {
  return new AccountState(storage, await readMemory(storage), await storage.load(VAULT_KEY))
}

/** This device's account, loaded at the start. Changes are stored before they take effect in memory. */
export class AccountState {
  readonly #storage: Store
  readonly #memory: AccountMemory
  readonly #inTurn = createSerial()
  #logIn: LogInState
  #vaultKey: VaultKey | undefined

  constructor(storage: Store, memory: AccountMemory, vaultKey: VaultKey | undefined) {
    this.#storage = storage
    this.#memory = memory
    this.#logIn = storedLogIn(memory)
    this.#vaultKey = vaultKey
  }

  get memory(): Readonly<AccountMemory> {
    return this.#memory
  }

  /** See `account-stages.ts`, which also defines the stage. */
  get logIn(): LogInState {
    return this.#logIn
  }

  get stage(): Stage {
    return storedStage(this.#memory)
  }

  /**
   * Applies these events, and stores them in one step with `changes` and `more`. Returns false, and stores nothing, if
   * an event no longer has any effect.
   */
  move(
    events: AccountEvents,
    changes: AccountChanges = {},
    more: readonly Change[] = [],
  ): Promise<boolean> {
    return this.#move(events, (to) => this.#store(changesInto(to, this.#memory, changes), more))
  }

  /** Stores `changes` in one step with `more`, then applies them. `undefined` removes. */
  save(
    changes: Partial<Pick<AccountMemory, 'own' | 'keys' | 'device'>>,
    more: readonly Change[] = [],
  ): Promise<void> {
    return this.#store(changes, more)
  }

  /** Updates the stored details of the log-in, one change at a time. */
  async updateLogin(change: (login: Login) => LoginDetails): Promise<void> {
    await this.#move({}, (to) =>
      this.#store(changesInto(to, this.#memory, { login: change(this.login()) })),
    )
  }

  /** Updates the account's published data, one change at a time. */
  updateOwn(change: (own: Own) => Own, more?: readonly Change[]): Promise<void> {
    return this.#inTurn(() => this.save({ own: change(this.me().own) }, more))
  }

  /** The key that encrypts secrets on this device; created if there is none. */
  async vault(): Promise<VaultKey> {
    if (!this.#vaultKey) {
      const made = await createVaultKey({ extractable: !this.#storage.keepsPrivateKeys })
      await this.#storage.write([put(VAULT_KEY, made)])
      this.#vaultKey = made
    }
    return this.#vaultKey
  }

  async rootSecret(): Promise<RootSecret> {
    const sealed = await this.#storage.load(ROOT_SECRET)
    if (!sealed) throw new ClientError('unauthenticated')
    return vaultOpenRootSecret(await this.vault(), this.login().accountId, sealed)
  }

  /** The account's keys from a box that this device can open, or undefined. */
  async openKeys(sealed: Bytes | null, box: SealedBox | null): Promise<AccountKeys | undefined> {
    if (!sealed || !box) return undefined
    const { accountId } = this.login()
    const rootSecret = await vaultOpenRootSecret(await this.vault(), accountId, sealed)
    return keysOf(await openKeyBox(rootSecret, accountId, box))
  }

  /** Throws `unauthenticated` unless an account is logged in. */
  login(): Login {
    const { login } = this.#memory
    if (!login || !LOGGED_IN.has(this.#logIn)) throw new ClientError('unauthenticated')
    return login
  }

  /** Throws `unauthenticated` unless this device is unlocked. */
  me(): Me {
    const { own, keys, device } = this.#memory
    const { accountId, deviceId } = this.login()
    if (!own || !keys || !device) throw new ClientError('unauthenticated')
    return { accountId, deviceId, own, keys, device }
  }

  profile(): OwnProfile {
    return profileOf(this.me())
  }

  /** Erases everything that is stored here. */
  async erase(): Promise<void> {
    await this.#move({ logIn: 'forget', stage: 'start_over' }, async () => {
      await this.#storage.erase()
      this.#vaultKey = undefined
      Object.assign(this.#memory, NOTHING)
    })
  }

  /** The only place where the states change, after `apply` has stored and applied the data that goes with them. */
  #move(events: AccountEvents, apply: (to: AccountStates) => Promise<void>): Promise<boolean> {
    return this.#inTurn(async () => {
      const logIn = events.logIn ? LOG_IN.next(this.#logIn, events.logIn) : this.#logIn
      const stage = events.stage ? STAGE.next(this.stage, events.stage) : this.stage
      if (logIn === null || stage === null) return false
      await apply({ logIn, stage })
      this.#logIn = logIn
      return true
    })
  }

  async #store(changes: Partial<AccountMemory>, more: readonly Change[] = []): Promise<void> {
    const all = [...changesOf(this.#storage, changes), ...more]
    if (all.length > 0) await this.#storage.write(all)
    Object.assign(this.#memory, changes)
  }
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
