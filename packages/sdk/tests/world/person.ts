import {
  type AccountKeys,
  createAccountKeys,
  type DeviceKeyPair,
  encodeBase64url,
  generateDeviceKey,
  generateRootSecret,
  keysOf,
  publicKeysOf,
  sealDeviceName,
  signCredential,
  signManifest,
  signRecord,
  signSuccession,
} from '@sotto/crypto'
import { AccountId, type AccountRecord, DeviceId, type PublishedAccount } from '@sotto/wire'
import type { Me } from '../../src/account/state/account-state.ts'
import type { OwnManifest } from '../../src/storage/records/account.ts'

export interface Enrolled {
  readonly deviceId: DeviceId
  readonly device: DeviceKeyPair
}

/** A person with real keys, and everything that the account has published. */
export class Person {
  readonly accountId = AccountId.parse(crypto.randomUUID())
  readonly #rootSecret = generateRootSecret()
  readonly #pastRecords: string[] = []
  readonly #successions: string[] = []
  readonly #devices: PublishedAccount['devices'] = []
  keys: AccountKeys
  record: AccountRecord
  #statement = ''
  #manifest: OwnManifest | undefined

  static async create(name: string, { withRsa = false } = {}): Promise<Person> {
    const person = new Person(await keysOf(await createAccountKeys({ withRsa })), name)
    await person.publish({})
    return person
  }

  private constructor(keys: AccountKeys, name: string) {
    this.keys = keys
    this.record = {
      account: this.accountId,
      version: 0,
      name,
      pictureSha256: null,
      ...publicKeysOf(keys),
      revoked: [],
      issuedAt: 0,
    }
  }

  /** Publishes the next version of the record. */
  async publish(changes: Partial<AccountRecord>): Promise<void> {
    if (this.#statement !== '') this.#pastRecords.unshift(this.#statement)
    this.record = { ...this.record, ...changes, version: this.record.version + 1 }
    this.#statement = await signRecord(this.keys.identity, this.record)
    const unsigned = {
      account: this.accountId,
      version: this.record.version,
      record: this.record.version,
      boxes: { keys: 1, contacts: 1 },
      wraps: { password: null, recovery_code: null },
      issuedAt: 0,
    }
    const statement = await signManifest(this.keys.identity, unsigned)
    this.#manifest = { ...unsigned, statement }
  }

  /** Enrolls a device under the current keys. */
  async enroll(deviceId = DeviceId.parse(crypto.randomUUID())): Promise<Enrolled> {
    const device = await generateDeviceKey()
    const credential = await signCredential(this.keys.identity, {
      account: this.accountId,
      device: deviceId,
      deviceKey: encodeBase64url(device.publicKey),
      sealedName: await sealDeviceName(
        this.#rootSecret,
        { account: this.accountId, device: deviceId },
        'A device',
      ),
      issuedAt: 0,
    })
    this.#devices.push({ deviceId, credential })
    return { deviceId, device }
  }

  /** Publishes a record under new keys; `isSigned` tells whether the former ones sign them. */
  async renewKeys({ isSigned }: { isSigned: boolean }): Promise<void> {
    const former = this.keys.identity
    const formerKey = this.record.identityKey
    this.keys = await keysOf(await createAccountKeys({ withRsa: false }))
    const keys = publicKeysOf(this.keys)
    if (isSigned) {
      const succession = await signSuccession(former, {
        account: this.accountId,
        formerKey,
        identityKey: keys.identityKey,
        device: DeviceId.parse(crypto.randomUUID()),
        issuedAt: 0,
      })
      this.#successions.unshift(succession)
    } else this.#successions.length = 0
    this.#devices.length = 0
    await this.publish({ ...keys, revoked: [] })
  }

  get published(): PublishedAccount {
    return {
      accountId: this.accountId,
      record: this.#statement,
      picture: null,
      devices: [...this.#devices],
      pastRecords: [...this.#pastRecords],
      ...(this.#successions.length > 0 && { successions: [...this.#successions] }),
    }
  }

  /** The account state of one of this person's devices. */
  on({ deviceId, device }: Enrolled): Me {
    if (!this.#manifest) throw new Error('nothing is published')
    const own = {
      record: this.record,
      statement: this.#statement,
      picture: null,
      boxVersions: { keys: 1, contacts: 1 },
      manifest: this.#manifest,
      wraps: [],
      hasNewWraps: false,
      phone: null,
      email: null,
      findable: false,
      keysSince: null,
      replaced: false,
      ...(this.#successions.length > 0 && { successions: [...this.#successions] }),
    }
    return { accountId: this.accountId, deviceId, own, keys: this.keys, device }
  }
}
