import { expect, test } from 'vitest'
import {
  createAccountKeys,
  createVaultKey,
  derivePairwiseKeys,
  generateDeviceKey,
  generateRootSecret,
  keysOf,
  publicKeysOf,
} from '../src/index.ts'
import { conversation, newKeys } from './people.ts'

test('no private key can be exported, in any form', async () => {
  const keys = await newKeys({ withRsa: true })
  const device = await generateDeviceKey()
  const vault = await createVaultKey()
  const [own] = keys.ecdh
  const pairwise = await derivePairwiseKeys(own, (await newKeys()).ecdh[0].publicKey, conversation)
  const privateKeys = [
    keys.identity.privateKey,
    own.privateKey,
    ...keys.rsa.map(({ privateKey }) => privateKey),
    device.privateKey,
    vault.key,
    pairwise.sending.macKey,
    pairwise.sending.encryptionKey,
    pairwise.receiving.macKey,
    pairwise.receiving.encryptionKey,
  ]

  for (const key of privateKeys) {
    for (const form of ['pkcs8', 'jwk', 'raw'] as const) {
      await expect(crypto.subtle.exportKey(form, key as CryptoKey)).rejects.toThrow()
    }
  }
})

test('keys survive being stored', async () => {
  const keys = await newKeys({ withRsa: true })

  const stored = structuredClone({ keys, device: await generateDeviceKey() })

  expect(publicKeysOf(stored.keys)).toEqual(publicKeysOf(keys))
})

test('objects with secret bytes neither print nor clone them', async () => {
  const keyBox = await createAccountKeys({ withRsa: false })
  const rootSecret = generateRootSecret()

  expect(JSON.stringify({ keyBox, rootSecret })).toBe(
    '{"keyBox":"KeyBox","rootSecret":"RootSecret"}',
  )
  expect(Object.keys(keyBox)).toEqual([])
  expect(Object.keys(rootSecret)).toEqual([])
  expect(structuredClone(rootSecret)).toEqual({})
})

test('the public keys match those of a record', async () => {
  const keyBox = await createAccountKeys({ withRsa: true })

  const { identityKey, ecdhKey, rsaKey } = publicKeysOf(await keysOf(keyBox))

  expect(identityKey).toHaveLength(43)
  expect(ecdhKey).toMatch(/^MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE/)
  expect(rsaKey).toMatch(/^MIIBojANBgkqhkiG9w0BAQEFAAOCAY8A/)
  expect(publicKeysOf(await newKeys())).toMatchObject({ rsaKey: null })
})
