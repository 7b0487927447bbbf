import {
  type AccountKeys,
  createAccountKeys,
  encodeBase64url,
  generateRecoveryCode,
  generateRootSecret,
  hashWrap,
  type KeyBox,
  keysOf,
  type Pin,
  publicKeysOf,
  type RecoveryCode,
  type RootSecret,
  sealContacts,
  sealDeviceName,
  sealKeyBox,
  signCredential,
  signManifest,
  signRecord,
  signWritten,
  wrapRootSecret,
} from '@sotto/crypto'
import {
  type AccountId,
  type AccountRecord,
  type BoxName,
  type DeviceId,
  type Manifest,
  type SealedBox,
  type Wrap,
  type Written,
  writtenBox,
} from '@sotto/wire'

/** The newest version of each object that an account keeps on the server. */
export interface Versions {
  record: number
  keys: number
  contacts: number
  manifest: number
}

/** A person's phone, account keys, and recovery code on paper. */
export class RawAccount {
  readonly accountId: AccountId
  readonly phone: string
  readonly name: string
  readonly recoveryCode: RecoveryCode
  readonly keys: AccountKeys
  readonly keyBox: KeyBox
  readonly rootSecret: RootSecret
  readonly versions: Versions
  readonly revoked: AccountRecord['revoked'] = []
  readonly pins: Pin[] = []
  #wrap: Wrap | undefined

  static async create(
    { accountId, phone, name }: { accountId: AccountId; phone: string; name: string },
    { withRsa = false, versions }: { withRsa?: boolean; versions?: Versions } = {},
  ): Promise<RawAccount> {
    const keyBox = await createAccountKeys({ withRsa })
    const keys = await keysOf(keyBox)
    const recoveryCode = await generateRecoveryCode()
    const parts = { accountId, phone, name, keyBox, keys, recoveryCode }
    return new RawAccount(parts, versions ?? { record: 1, keys: 1, contacts: 1, manifest: 1 })
  }

  private constructor(
    parts: Pick<RawAccount, 'accountId' | 'phone' | 'name' | 'keyBox' | 'keys' | 'recoveryCode'>,
    versions: Versions,
  ) {
    this.accountId = parts.accountId
    this.phone = parts.phone
    this.name = parts.name
    this.keyBox = parts.keyBox
    this.keys = parts.keys
    this.recoveryCode = parts.recoveryCode
    this.rootSecret = generateRootSecret()
    this.versions = versions
  }

  /** Base64url of the raw identity key. */
  get identityKey(): string {
    return publicKeysOf(this.keys).identityKey
  }

  /** A signed account record; `changes` replaces members of its payload. */
  record(changes: Partial<AccountRecord> = {}): Promise<string> {
    return signRecord(this.keys.identity, {
      account: this.accountId,
      version: this.versions.record,
      name: this.name,
      pictureSha256: null,
      ...publicKeysOf(this.keys),
      revoked: this.revoked,
      issuedAt: Date.now(),
      ...changes,
    })
  }

  async credential(device: {
    readonly deviceId: DeviceId
    readonly publicKey: Uint8Array<ArrayBuffer>
    readonly name?: string
  }): Promise<string> {
    const { deviceId, publicKey, name = 'a device' } = device
    const named = { account: this.accountId, device: deviceId }
    return signCredential(this.keys.identity, {
      ...named,
      deviceKey: encodeBase64url(publicKey),
      sealedName: await sealDeviceName(this.rootSecret, named, name),
      issuedAt: Date.now(),
    })
  }

  /** The root secret under the recovery code; always the same bytes. */
  async wrap(): Promise<Wrap> {
    const opener = { kind: 'recovery_code', code: this.recoveryCode } as const
    this.#wrap ??= await wrapRootSecret(this.rootSecret, opener, this.accountId)
    return this.#wrap
  }

  async manifest(changes: Partial<Manifest> = {}): Promise<string> {
    const { record, keys, contacts, manifest } = this.versions
    return signManifest(this.keys.identity, {
      account: this.accountId,
      version: manifest,
      record,
      boxes: { keys, contacts },
      wraps: { password: null, recovery_code: await hashWrap(await this.wrap()) },
      issuedAt: Date.now(),
      ...changes,
    })
  }

  sealedKeys() {
    return sealKeyBox(this.rootSecret, this.accountId, this.versions.keys, this.keyBox)
  }

  sealedContacts() {
    return sealContacts(this.rootSecret, this.accountId, this.versions.contacts, this.pins)
  }

  /** A box as it is written, with the owner's signature. */
  async writtenBox(box: BoxName, sealed: SealedBox) {
    return { ...sealed, write: await this.write(writtenBox(box, sealed), sealed.version) }
  }

  /** A signed statement that the owner writes this. */
  write(written: Written, version: number): Promise<string> {
    return signWritten(this.keys.identity, this.accountId, written, version)
  }
}
