import { CompactEncrypt, compactDecrypt } from 'jose'
import { beforeAll, expect, test } from 'vitest'
import { concat, sha256, utf8, uuidBytes } from '../src/bytes.ts'
import {
  type AccountKeys,
  createAccountKeys,
  DecryptError,
  decryptEcdh,
  derivePairwiseKeys,
  encryptEcdh,
  keysOf,
  openMessageEcdh,
  type PairwiseKeys,
  sealMessageEcdh,
} from '../src/index.ts'
import { contentsOf } from '../src/recovery/key-box.ts'
import { contentOf, conversation, newKeys, otherConversation } from './people.ts'

const plaintext = utf8('the canary sings at dawn')

let aliceKeys: AccountKeys
let alicePkcs8: Uint8Array<ArrayBuffer>
let bobKeys: AccountKeys
let alice: PairwiseKeys
let bob: PairwiseKeys

beforeAll(async () => {
  const box = await createAccountKeys({ withRsa: false })
  alicePkcs8 = contentsOf(box).ecdh[0]?.privateKey ?? new Uint8Array()
  aliceKeys = await keysOf(box)
  bobKeys = await newKeys()
  alice = await derivePairwiseKeys(aliceKeys.ecdh[0], bobKeys.ecdh[0].publicKey, conversation)
  bob = await derivePairwiseKeys(bobKeys.ecdh[0], aliceKeys.ecdh[0].publicKey, conversation)
})

/** Alice's 64-byte sending key, derived only from WebCrypto and PROTOCOL.md §7. */
async function sendingKeyByTheBook(): Promise<Uint8Array<ArrayBuffer>> {
  const curve = { name: 'ECDH', namedCurve: 'P-256' }
  const own = await crypto.subtle.importKey('pkcs8', alicePkcs8, curve, false, ['deriveBits'])
  const peer = await crypto.subtle.importKey('spki', bobKeys.ecdh[0].publicKey, curve, false, [])
  const z = await crypto.subtle.deriveBits({ name: 'ECDH', public: peer }, own, 256)
  const info = concat(
    utf8('sotto/1 ecdh A256CBC-HS512\0'),
    uuidBytes(conversation),
    await sha256(aliceKeys.ecdh[0].publicKey),
    await sha256(bobKeys.ecdh[0].publicKey),
  )
  const hkdf = { name: 'HKDF', hash: 'SHA-512', salt: new Uint8Array(0), info }
  const key = await crypto.subtle.importKey('raw', z, 'HKDF', false, ['deriveBits'])
  return new Uint8Array(await crypto.subtle.deriveBits(hkdf, key, 512))
}

test("Bob and Alice's other device open what Alice encrypts", async () => {
  const jwe = await encryptEcdh(alice, plaintext)

  expect(await decryptEcdh(bob.receiving, jwe)).toEqual(plaintext)
  expect(await decryptEcdh(alice.sending, jwe)).toEqual(plaintext)
})

test('another implementation opens what we encrypt', async () => {
  const jwe = await encryptEcdh(alice, plaintext)

  const opened = await compactDecrypt(jwe, await sendingKeyByTheBook())

  expect(opened.plaintext).toEqual(plaintext)
  expect(opened.protectedHeader).toEqual({ alg: 'dir', enc: 'A256CBC-HS512' })
})

test('we open what another implementation encrypts', async () => {
  const jwe = await new CompactEncrypt(plaintext)
    .setProtectedHeader({ alg: 'dir', enc: 'A256CBC-HS512' })
    .encrypt(await sendingKeyByTheBook())

  expect(await decryptEcdh(bob.receiving, jwe)).toEqual(plaintext)
})

test('the same plaintext never yields the same ciphertext', async () => {
  expect(await encryptEcdh(alice, plaintext)).not.toBe(await encryptEcdh(alice, plaintext))
})

test('a message cannot be reflected or moved to another conversation', async () => {
  const jwe = await encryptEcdh(alice, plaintext)
  const peer = aliceKeys.ecdh[0].publicKey
  const elsewhere = await derivePairwiseKeys(bobKeys.ecdh[0], peer, otherConversation)

  await expect(decryptEcdh(bob.sending, jwe)).rejects.toThrow(DecryptError)
  await expect(decryptEcdh(elsewhere.receiving, jwe)).rejects.toThrow(DecryptError)
})

test('a third account cannot open anything', async () => {
  const mallory = await newKeys()
  const peer = aliceKeys.ecdh[0].publicKey
  const keys = await derivePairwiseKeys(mallory.ecdh[0], peer, conversation)

  const jwe = await encryptEcdh(alice, plaintext)

  await expect(decryptEcdh(keys.receiving, jwe)).rejects.toThrow(DecryptError)
})

test('every rejection has the same text', async () => {
  const jwe = await encryptEcdh(alice, plaintext)
  const [header, , iv, ciphertext, tag] = jwe.split('.')
  const wrong = [
    '',
    'not a token',
    `${header}..${iv}.${ciphertext}.${tag}.`,
    `${header}..${iv}.${ciphertext}.`,
    `${header}.AA.${iv}.${ciphertext}.${tag}`,
    `${header}..${iv}..${tag}`,
    `${header}..${iv}.${ciphertext}.${tag}=`,
    `${header}..${iv}.${ciphertext}.${tag?.slice(0, 22)}`,
    `${header}..${ciphertext}.${iv}.${tag}`,
    jwe.padEnd(200_000, 'A'),
  ]
  const texts = await Promise.all(wrong.map((one) => decryptEcdh(bob.receiving, one).catch(String)))

  expect(new Set(texts)).toEqual(new Set(['DecryptError: cannot_decrypt']))
})

test("the key that opens the peer's messages cannot write them", async () => {
  const forged = encryptEcdh({ sending: bob.receiving, receiving: bob.receiving }, plaintext)

  await expect(forged).rejects.toThrow()
})

test('rejects public keys that are not a canonically encoded P-256 point', async () => {
  const good = bobKeys.ecdh[0].publicKey
  const offCurve = good.slice()
  offCurve.set([(offCurve.at(-1) ?? 0) ^ 1], offCurve.length - 1)
  const wrong = [new Uint8Array(0), good.subarray(1), concat(good, new Uint8Array(1)), offCurve]

  for (const key of wrong) {
    const derived = derivePairwiseKeys(aliceKeys.ecdh[0], key, conversation)
    await expect(derived).rejects.toMatchObject({ code: 'bad_public_key' })
  }
})

test('content survives a round trip, without recipients', async () => {
  const content = contentOf()

  const opened = await openMessageEcdh(bob.receiving, await sealMessageEcdh(alice, content))

  expect(opened).toEqual({ ...content, recipients: [] })
})

test('rejects bytes that are not valid content', async () => {
  const jwe = await encryptEcdh(alice, plaintext)

  await expect(openMessageEcdh(bob.receiving, jwe)).rejects.toThrow(DecryptError)
})
