import { encodeBase64url, hashWrap, publicKeysOf, recipientTag } from '@sotto/crypto'
import type { RawAccount } from '../raw/raw-account.ts'
import type { RawDevice } from '../raw/raw-device.ts'
import type { StableValues } from './stable-values.ts'

/** Names an account's random values. */
export async function nameAccount(values: StableValues, account: RawAccount, owner: string) {
  const { accountId, keys } = account
  const { identityKey, ecdhKey, rsaKey } = publicKeysOf(keys)
  values.name(accountId, `account of ${owner}`)
  values.name(identityKey, `identity key of ${owner}`)
  values.name(ecdhKey, `ecdh key of ${owner}, SPKI`)
  if (rsaKey) values.name(rsaKey, `rsa key of ${owner}, SPKI`)
  const [rsa] = keys.rsa
  if (rsa) values.name(rsa.kid, `kid of the rsa key of ${owner}`)
  values.name(await recipientTag(accountId, identityKey), `${owner} under the identity key`)
  const wrap = await account.wrap()
  values.name(await hashWrap(wrap), `SHA-256 of the wrap of ${owner}`)
}

export function nameDevice(values: StableValues, device: RawDevice, name: string): void {
  values.name(device.deviceId, name)
  values.name(encodeBase64url(device.key.publicKey), `device key of ${name}`)
}

/** Names a conversation, and the additional data of its `rsa` messages (PROTOCOL.md §8.2). */
export function nameConversation(values: StableValues, id: string, name: string): void {
  values.name(id, name)
  const bytes = Buffer.from(id.replaceAll('-', ''), 'hex')
  const aad = Buffer.concat([Buffer.from('sotto/1 rsa message\0'), bytes])
  values.name(aad.toString('base64url'), `"sotto/1 rsa message", 0, id of ${name}`)
}
