import {
  type AccountKeys,
  createAccountKeys,
  type DeviceKeyPair,
  encodeBase64url,
  generateDeviceKey,
  keysOf,
  publicKeysOf,
  signCredential,
  signRecord,
  verifyRecord,
} from '@sotto/crypto'
import { type AccountId, DeviceId } from '@sotto/wire'

/** What somebody can make who has none of an account's keys, but would like to be taken for it. */
export interface ForgedAccount {
  readonly keys: AccountKeys
  readonly record: string
  readonly device: DeviceKeyPair
  readonly deviceId: DeviceId
  readonly credential: string
}

/** The account of `statement`, a version further, with keys of the forger. */
export async function forgeAccount(statement: string): Promise<ForgedAccount> {
  const record = await verifyRecord(statement)
  const keys = await keysOf(await createAccountKeys({ withRsa: true }))
  const device = await generateDeviceKey()
  const deviceId = DeviceId.parse(crypto.randomUUID())
  const forged = { ...record, ...publicKeysOf(keys), version: record.version + 1 }
  return {
    keys,
    record: await signRecord(keys.identity, forged),
    device,
    deviceId,
    credential: await credentialOf(keys, record.account, deviceId, device),
  }
}

function credentialOf(
  { identity }: AccountKeys,
  account: AccountId,
  device: DeviceId,
  { publicKey }: DeviceKeyPair,
): Promise<string> {
  const deviceKey = encodeBase64url(publicKey)
  return signCredential(identity, { account, device, deviceKey, name: 'forged', issuedAt: 1 })
}
