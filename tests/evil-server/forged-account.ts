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
  verifyRecord,
} from '@sotto/crypto'
import { type AccountId, type AccountRecord, DeviceId } from '@sotto/wire'

/** What an attacker without an account's keys can create in order to impersonate it. */
export interface ForgedAccount {
  readonly keys: AccountKeys
  readonly record: string
  readonly device: DeviceKeyPair
  readonly deviceId: DeviceId
  readonly credential: string
  readonly manifest: string
}

/** The account of `statement`, one version later, with the forger's keys. */
export async function forgeAccount(
  statement: string,
  changes: Partial<AccountRecord> = {},
): Promise<ForgedAccount> {
  const record = await verifyRecord(statement)
  const keys = await keysOf(await createAccountKeys({ withRsa: true }))
  const device = await generateDeviceKey()
  const deviceId = DeviceId.parse(crypto.randomUUID())
  const version = record.version + 1
  const forged = { ...record, ...publicKeysOf(keys), revoked: [], version, ...changes }
  return {
    keys,
    record: await signRecord(keys.identity, forged),
    device,
    deviceId,
    credential: await credentialOf(keys, record.account, deviceId, device),
    manifest: await signManifest(keys.identity, {
      account: record.account,
      version: 99,
      record: version,
      boxes: { keys: 1, contacts: 1 },
      wraps: { password: null, recovery_code: null },
      issuedAt: 1,
    }),
  }
}

async function credentialOf(
  { identity }: AccountKeys,
  account: AccountId,
  device: DeviceId,
  { publicKey }: DeviceKeyPair,
): Promise<string> {
  const deviceKey = encodeBase64url(publicKey)
  const sealedName = await sealDeviceName(generateRootSecret(), { account, device }, 'forged')
  return signCredential(identity, { account, device, deviceKey, sealedName, issuedAt: 1 })
}
