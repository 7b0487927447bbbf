import { GeneralEncrypt, generalDecrypt } from 'jose'
import { beforeAll, expect, test } from 'vitest'
import { concat, randomBytes, utf8 } from '../src/bytes.ts'
import { encodeContent } from '../src/content.ts'
import { contextOf } from '../src/hkdf.ts'
import { signEd25519 } from '../src/identity/ed25519.ts'
import {
  DecryptError,
  type DeviceKeyPair,
  decryptRsa,
  encryptRsa,
  generateDeviceKey,
  importRsaPublicKey,
  openMessageRsa,
  type RsaKeyPair,
  type RsaPublicKey,
  type RsaReader,
  recipientsOfRsa,
  sealMessageRsa,
} from '../src/index.ts'
import { contentOf, conversation, newKeys, otherConversation } from './people.ts'

/** The additional data of messages in `conversation`, computed by hand (PROTOCOL.md §8.2). */
const context = contextOf('rsa message', conversation)
const plaintext = utf8('the canary sings at dawn')

let alice: RsaKeyPair
let bob: RsaKeyPair
let toBoth: RsaPublicKey[]
let device: DeviceKeyPair

async function rsaKey(): Promise<RsaKeyPair> {
  const [key] = (await newKeys({ withRsa: true })).rsa
  if (!key) throw new Error('no rsa key')
  return key
}

beforeAll(async () => {
  alice = await rsaKey()
  bob = await rsaKey()
  toBoth = [await importRsaPublicKey(bob.publicKey), await importRsaPublicKey(alice.publicKey)]
  device = await generateDeviceKey()
})

/** A reader with `key`, the recipient of Alice's messages in `conversation`. */
function readerOf(key: RsaKeyPair, changes: Partial<RsaReader> = {}): RsaReader {
  return {
    conversation,
    keys: [key],
    devicePublicKey: device.publicKey,
    recipientKids: new Set([key.kid]),
    senderKids: new Set([alice.kid]),
    ...changes,
  }
}

/** Parses the JWE, applies `change`, and serializes it again. */
function altered(jwe: string, change: (parsed: Record<string, unknown>) => void): string {
  const parsed = JSON.parse(jwe)
  change(parsed)
  return JSON.stringify(parsed)
}

test('both the recipient and the sender can open a message', async () => {
  const jwe = await encryptRsa(plaintext, toBoth)

  const expected = { plaintext, recipients: [bob.kid, alice.kid] }
  expect(await decryptRsa([bob], jwe)).toEqual(expected)
  expect(await decryptRsa([alice], jwe)).toEqual(expected)
})

test('has the form that the protocol prescribes', async () => {
  const jwe = JSON.parse(await encryptRsa(plaintext, toBoth))

  expect(atob(jwe.protected)).toBe('{"enc":"A256GCM"}')
  expect(Object.keys(jwe).sort()).toEqual(['ciphertext', 'iv', 'protected', 'recipients', 'tag'])
  expect(jwe.recipients.map(({ header }: { header: unknown }) => header)).toEqual([
    { alg: 'RSA-OAEP-256', kid: bob.kid },
    { alg: 'RSA-OAEP-256', kid: alice.kid },
  ])
})

test('has the same form for a single recipient', async () => {
  const jwe = await encryptRsa(plaintext, toBoth.slice(0, 1))

  expect(await decryptRsa([bob], jwe)).toEqual({ plaintext, recipients: [bob.kid] })
})

test('another implementation opens what we encrypt', async () => {
  const jwe = await encryptRsa(plaintext, toBoth)

  const opened = await generalDecrypt(JSON.parse(jwe), alice.privateKey)

  expect(opened.plaintext).toEqual(plaintext)
})

test('messages of 1 byte, 191 bytes and 64 KiB survive a round trip', async () => {
  for (const length of [1, 191, 64 * 1024]) {
    const bytes = concat(randomBytes(length))
    expect((await decryptRsa([bob], await encryptRsa(bytes, toBoth))).plaintext).toEqual(bytes)
  }
})

test('a former key still opens messages that were encrypted to it', async () => {
  const current = await rsaKey()
  const jwe = await encryptRsa(plaintext, toBoth)

  expect((await decryptRsa([current, bob], jwe)).plaintext).toEqual(plaintext)
})

test('a message opens only for the keys that it names', async () => {
  const jwe = await encryptRsa(plaintext, toBoth)

  await expect(decryptRsa([await rsaKey()], jwe)).rejects.toThrow(DecryptError)
  await expect(decryptRsa([], jwe)).rejects.toThrow(DecryptError)
})

test("rejects a message that names the reader's key twice, or two of the reader's keys", async () => {
  const jwe = await encryptRsa(plaintext, toBoth)
  const twice = altered(jwe, (parsed) => {
    const [own] = parsed.recipients as unknown[]
    parsed.recipients = [own, own]
  })

  await expect(decryptRsa([bob], twice)).rejects.toThrow(DecryptError)
  await expect(decryptRsa([alice, bob], jwe)).rejects.toThrow(DecryptError)
})

test('rejects two hundred recipients before using any key', async () => {
  const jwe = await encryptRsa(plaintext, toBoth)
  const many = altered(jwe, (parsed) => {
    const [own] = parsed.recipients as { header: object }[]
    const others = Array.from({ length: 200 }, (_, i) => ({
      ...own,
      header: { alg: 'RSA-OAEP-256', kid: `k${i}` },
    }))
    parsed.recipients = [own, ...others]
  })

  await expect(decryptRsa([bob], many)).rejects.toThrow(DecryptError)
  expect(() => recipientsOfRsa(many)).toThrow(DecryptError)
})

test('every rejection has the same text', async () => {
  const jwe = await encryptRsa(plaintext, toBoth)
  const compressed = new GeneralEncrypt(plaintext).setProtectedHeader({ enc: 'A128GCM' })
  for (const { kid, publicKey } of toBoth) {
    compressed.addRecipient(publicKey).setUnprotectedHeader({ alg: 'RSA-OAEP-256', kid })
  }
  const wrong = [
    '',
    '[]',
    '{}',
    jwe.slice(1),
    jwe.replace('"RSA-OAEP-256"', '"RSA-OAEP"'),
    jwe.replace('"RSA-OAEP-256"', '"RSA1_5"'),
    jwe.replace('{', '{"unprotected":{},'),
    jwe.replace('{', '{"__proto__":{},'),
    jwe.replace('"iv":', '"iv":"AAAAAAAAAAAAAAAA","iv":'),
    jwe.replace(/"tag":"[^"]*"/, '"tag":""'),
    jwe.replace(/"tag":"/, '"tag":" '),
    JSON.stringify(await compressed.encrypt()),
    jwe.padEnd(200_000, ' '),
  ]
  const texts = await Promise.all(wrong.map((one) => decryptRsa([bob], one).catch(String)))

  expect(new Set(texts)).toEqual(new Set(['DecryptError: cannot_decrypt']))
})

test('refuses to encrypt to no recipient, or twice to the same key', async () => {
  const [first] = toBoth
  if (!first) throw new Error('no recipient')

  await expect(encryptRsa(plaintext, [])).rejects.toMatchObject({ code: 'bad_content' })
  const twice = encryptRsa(plaintext, [first, first])
  await expect(twice).rejects.toMatchObject({ code: 'bad_content' })
})

test('content survives a round trip, with its recipients', async () => {
  const content = contentOf()
  const sealed = await sealMessageRsa(device, content, toBoth)

  const opened = await openMessageRsa(readerOf(bob), sealed)

  expect(opened).toEqual({ ...content, recipients: [bob.kid, alice.kid] })
  expect(recipientsOfRsa(sealed)).toEqual([bob.kid, alice.kid])
})

test('rejects a message that was made with public keys only', async () => {
  const mallory = await generateDeviceKey()
  const recipients = toBoth.map(({ kid }) => kid)
  const unsigned = concat(new Uint8Array(64), encodeContent({ ...contentOf(), recipients }))

  const forged = await sealMessageRsa(mallory, contentOf(), toBoth)

  const open = (jwe: string) => openMessageRsa(readerOf(bob), jwe)
  await expect(open(forged)).rejects.toThrow(DecryptError)
  await expect(open(await encryptRsa(unsigned, toBoth, context))).rejects.toThrow(DecryptError)
})

test('a message to one person cannot be passed on to another', async () => {
  // Bob opens a message from Alice, and encrypts the signed bytes to Carol.
  const carol = await rsaKey()
  const sealed = await sealMessageRsa(device, contentOf(), toBoth)
  const { plaintext: signed } = await decryptRsa([bob], sealed, context)
  const passedOn = await encryptRsa(
    signed,
    [await importRsaPublicKey(carol.publicKey), ...toBoth.slice(1)],
    context,
  )

  await expect(openMessageRsa(readerOf(carol), passedOn)).rejects.toThrow(DecryptError)
})

test('a signature over something else does not sign content', async () => {
  const encoded = encodeContent({ ...contentOf(), recipients: toBoth.map(({ kid }) => kid) })
  const signature = await signEd25519(device.privateKey, encoded)
  const jwe = await encryptRsa(concat(signature, encoded), toBoth, context)

  await expect(openMessageRsa(readerOf(bob), jwe)).rejects.toThrow(DecryptError)
})

test('a message opens only in its own conversation', async () => {
  const sealed = await sealMessageRsa(device, contentOf(), toBoth)

  const elsewhere = openMessageRsa(readerOf(bob, { conversation: otherConversation }), sealed)
  await expect(elsewhere).rejects.toThrow(DecryptError)
  const { aad: _, ...without } = JSON.parse(sealed)
  await expect(openMessageRsa(readerOf(bob), JSON.stringify(without))).rejects.toThrow(DecryptError)
})

test('accepts only a message for one key of the recipient followed by one of the sender', async () => {
  const carol = await rsaKey()
  const [toBob, toAlice] = toBoth as [RsaPublicKey, RsaPublicKey]
  const toCarol = await importRsaPublicKey(carol.publicKey)
  const wrong = [[toBob], [toAlice, toBob], [toBob, toAlice, toCarol], [toBob, toCarol]]

  for (const recipients of wrong) {
    const sealed = await sealMessageRsa(device, contentOf(), recipients)
    await expect(openMessageRsa(readerOf(bob), sealed)).rejects.toThrow(DecryptError)
  }
})

test('rejects public keys that are malformed or too weak', async () => {
  const algorithm = { name: 'RSA-OAEP', hash: 'SHA-256', publicExponent: new Uint8Array([1, 0, 1]) }
  const weak = await crypto.subtle.generateKey({ ...algorithm, modulusLength: 1024 }, true, [
    'encrypt',
    'decrypt',
  ])
  const spki = new Uint8Array(await crypto.subtle.exportKey('spki', weak.publicKey))

  for (const key of [spki, new Uint8Array(0), bob.publicKey.subarray(1)]) {
    await expect(importRsaPublicKey(key)).rejects.toMatchObject({ code: 'bad_public_key' })
  }
})
