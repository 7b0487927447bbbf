import {
  type AccountKeys,
  createAccountKeys,
  encodeBase64url,
  generateDeviceKey,
  generateRootSecret,
  keysOf,
  publicKeysOf,
  type RootSecret,
  sealDeviceName,
  signCredential,
} from '@sotto/crypto'
import { AccountId, DeviceId, type PublishedAccount } from '@sotto/wire'
import { beforeAll, expect, test } from 'vitest'
import { signedDevices } from '../../src/account/devices/own-devices.ts'
import { ChatClient } from '../../src/engine/chat-client.ts'
import * as password from '../../src/password.ts'
import { createMemoryStorage } from '../../src/storage/adapters/memory-storage.ts'

const accountId = AccountId.parse(crypto.randomUUID())
const rootSecret = generateRootSecret()
let keys: AccountKeys

beforeAll(async () => {
  keys = await keysOf(await createAccountKeys({ withRsa: false }))
})

const newId = () => DeviceId.parse(crypto.randomUUID())

interface Sealed {
  readonly name: string
  readonly by?: RootSecret
  readonly for?: DeviceId
  readonly alter?: (sealedName: string) => string
}

/** A device whose credential the account has signed, with a name that may be sealed differently. */
async function publishedDevice(sealed: Sealed) {
  const deviceId = newId()
  const named = { account: accountId, device: sealed.for ?? deviceId }
  const sealedName = await sealDeviceName(sealed.by ?? rootSecret, named, sealed.name)
  const { publicKey } = await generateDeviceKey()
  const credential = await signCredential(keys.identity, {
    account: accountId,
    device: deviceId,
    deviceKey: encodeBase64url(publicKey),
    sealedName: sealed.alter?.(sealedName) ?? sealedName,
    issuedAt: 7,
  })
  return { deviceId, credential }
}

test('device names are decrypted; a device is listed even if its name does not open', async () => {
  const devices = await Promise.all([
    publishedDevice({ name: "Anna's work laptop, Berlin" }),
    publishedDevice({ name: 'under a former root secret', by: generateRootSecret() }),
    publishedDevice({ name: 'of another device', for: newId() }),
    publishedDevice({ name: 'damaged', alter: (sealed) => `AAAA${sealed.slice(4)}` }),
  ])
  const published = { accountId, devices } as unknown as PublishedAccount
  const { identityKey } = publicKeysOf(keys)

  const shown = await signedDevices(published, { identityKey, rootSecret })

  const names = ["Anna's work laptop, Berlin", null, null, null]
  expect(shown).toEqual(
    devices.map(({ deviceId }, n) => ({ deviceId, name: names[n], signedAt: 7 })),
  )
})

test('a client does not start with an invalid device name', async () => {
  const storage = createMemoryStorage()
  const options = { origin: 'https://chat.example', storage, refreshIn: 'body', password } as const
  const opening = ChatClient.open({ ...options, deviceName: 'lap\u2066top' })

  const details = { problem: 'hidden_character', character: 'U+2066' }
  await expect(opening).rejects.toMatchObject({ code: 'invalid_name', details })
})
