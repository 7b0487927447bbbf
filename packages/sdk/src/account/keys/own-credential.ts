import {
  type AccountKeys,
  type DeviceKeyPair,
  encodeBase64url,
  type RootSecret,
  sealDeviceName,
  signCredential,
} from '@sotto/crypto'
import type { Upload } from '../../storage/records/account.ts'
import type { AccountContext } from '../state/account-context.ts'

/** The keys that sign a device's credential, and the device key that it names. */
interface Signer {
  readonly keys: AccountKeys
  readonly rootSecret: RootSecret
  readonly device: DeviceKeyPair
}

/**
 * This device's credential, signed by the identity key. Only devices of this account can read the device name in it.
 */
export async function signCredentialOf(
  { state, deviceName, now }: Pick<AccountContext, 'state' | 'deviceName' | 'now'>,
  { keys, rootSecret, device: { publicKey } }: Signer,
): Promise<string> {
  const { accountId: account, deviceId: device } = state.login()
  return signCredential(keys.identity, {
    account,
    device,
    deviceKey: encodeBase64url(publicKey),
    sealedName: await sealDeviceName(rootSecret, { account, device }, deviceName),
    issuedAt: now(),
  })
}

/** The credential as an upload. */
export async function signOwnCredential(context: AccountContext, signer: Signer): Promise<Upload> {
  const { deviceId } = context.state.login()
  return { kind: 'device', deviceId, credential: await signCredentialOf(context, signer) }
}
