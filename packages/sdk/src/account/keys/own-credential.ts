import {
  type AccountKeys,
  type DeviceKeyPair,
  encodeBase64url,
  type RootSecret,
  sealDeviceName,
  signCredential,
} from '@sotto/crypto'
import type { Upload } from '../../storage/stored.ts'
import type { AccountContext } from '../state/account-context.ts'

/** What it takes to say that a device is one of the account's. */
interface Signer {
  readonly keys: AccountKeys
  readonly rootSecret: RootSecret
  readonly device: DeviceKeyPair
}

/** The signed statement that this device is one of the account's. Its name is for own devices. */
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

/** The same, to be sent. */
export async function signOwnCredential(context: AccountContext, signer: Signer): Promise<Upload> {
  const { deviceId } = context.state.login()
  return { kind: 'device', deviceId, credential: await signCredentialOf(context, signer) }
}
