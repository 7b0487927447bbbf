import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import {
  type AccountKeys,
  createVaultKey,
  DecryptError,
  type DeviceKeyPair,
  decodeBase64url,
  decryptEcdh,
  derivePairwiseKeys,
  encodeBase64url,
  encryptEcdh,
  generateDeviceKey,
  generateRootSecret,
  importRsaPublicKey,
  openBox,
  openMessageRsa,
  sealBox,
  sealMessageRsa,
  unwrapRootSecret,
  vaultOpen,
  vaultSeal,
  wrapRootSecret,
} from '../../src/index.ts'
import { alice, contentOf, conversation, endsOf, newKeys } from '../people.ts'
import { bytes, exportKeys, flipBit, position, runs } from './arbitraries.ts'

let own: AccountKeys
let peer: AccountKeys
let device: DeviceKeyPair

beforeAll(async () => {
  own = await newKeys({ withRsa: true })
  peer = await newKeys({ withRsa: true })
  device = await generateDeviceKey()
})

const flipEncoded = (text: string, at: number) =>
  encodeBase64url(flipBit(decodeBase64url(text), at))

test('any flipped bit of an ecdh message is rejected', async () => {
  const sending = await derivePairwiseKeys(own.ecdh[0], peer.ecdh[0].publicKey, conversation)
  const { receiving } = await derivePairwiseKeys(peer.ecdh[0], own.ecdh[0].publicKey, conversation)
  const part = fc.constantFrom(0, 2, 3, 4)
  const property = fc.asyncProperty(bytes(), part, position, async (plaintext, which, at) => {
    const parts = (await encryptEcdh(sending, plaintext)).split('.')
    parts[which] = flipEncoded(parts[which] ?? '', at)
    await expect(decryptEcdh(receiving, parts.join('.'))).rejects.toThrow(DecryptError)
  })
  await fc.assert(property, runs(100))
})

test('any flipped bit of an rsa message is rejected by those it affects', async () => {
  const keys = [...peer.rsa, ...own.rsa]
  const recipients = await Promise.all(keys.map(({ publicKey }) => importRsaPublicKey(publicKey)))
  const [recipientKids, senderKids] = [peer, own].map(
    ({ rsa }) => new Set(rsa.map(({ kid }) => kid)),
  )
  if (!recipientKids || !senderKids) throw new Error('two people')
  const reader = {
    conversation,
    keys: peer.rsa,
    devicePublicKey: device.publicKey,
    recipientKids,
    senderKids,
  }
  const jwe = JSON.parse(await sealMessageRsa(device, contentOf(), recipients))
  const part = fc.constantFrom('protected', 'iv', 'ciphertext', 'tag', 'encrypted_key')
  const property = fc.asyncProperty(part, position, async (which, at) => {
    const changed = structuredClone(jwe)
    const target = which === 'encrypted_key' ? changed.recipients[0] : changed
    target[which] = flipEncoded(target[which], at)
    const opened = openMessageRsa(reader, JSON.stringify(changed))
    await expect(opened).rejects.toThrow(DecryptError)
  })
  await fc.assert(property, runs(40))
})

test('any flipped bit of a box, a wrap or a vault is rejected', async () => {
  const vault = await createVaultKey()
  const rootSecret = generateRootSecret()
  const place = { account: alice, name: 'keys' } as const
  const property = fc.asyncProperty(bytes(), exportKeys, position, async (one, exportKey, at) => {
    const opener = { kind: 'password', exportKey } as const
    const box = await sealBox(rootSecret, place, 1, one)
    const wrap = await wrapRootSecret(rootSecret, opener, alice)
    const sealed = await vaultSeal(vault, 'drafts', one)
    const refused = [
      openBox(rootSecret, place, { ...box, ciphertext: flipEncoded(box.ciphertext, at) }),
      unwrapRootSecret({ ...wrap, ciphertext: flipEncoded(wrap.ciphertext, at) }, opener, alice),
      vaultOpen(vault, 'drafts', flipBit(sealed, at)),
    ]
    expect(await endsOf(refused)).toEqual(['cannot_decrypt'])
  })
  await fc.assert(property, runs(40))
})
