import { DeviceId, SEALED_DEVICE_NAME_CHARS } from '@sotto/wire'
import { beforeAll, expect, test } from 'vitest'
import { randomBytes, utf8 } from '../src/bytes.ts'
import {
  createAccountKeys,
  createVaultKey,
  DecryptError,
  decodeBase64url,
  encodeBase64url,
  findRecoveryCodes,
  generateRecoveryCode,
  generateRootSecret,
  keysOf,
  type Opener,
  openBox,
  openContacts,
  openDeviceName,
  openKeyBox,
  type Pin,
  parseRecoveryCode,
  publicKeysOf,
  type RootSecret,
  sealBox,
  sealContacts,
  sealDeviceName,
  sealKeyBox,
  unwrapRootSecret,
  vaultOpen,
  vaultOpenRootSecret,
  vaultSeal,
  vaultSealRootSecret,
  wrapRootSecret,
} from '../src/index.ts'
import { bytesOf } from '../src/recovery/root-secret.ts'
import { alice, bob, conversation, device, endsOf } from './people.ts'

const keysBox = { account: alice, name: 'keys' } as const
const plaintext = utf8('what has to survive a lost device')
const password: Opener = { kind: 'password', exportKey: randomBytes(64) }

let rootSecret: RootSecret
beforeAll(() => {
  rootSecret = generateRootSecret()
})

test('a box opens only with its root secret, account, name and version', async () => {
  const box = await sealBox(rootSecret, keysBox, 2, plaintext)

  expect(await openBox(rootSecret, keysBox, box)).toEqual(plaintext)
  const refused = [
    openBox(generateRootSecret(), keysBox, box),
    openBox(rootSecret, { ...keysBox, account: bob }, box),
    openBox(rootSecret, { ...keysBox, name: 'contacts' }, box),
    openBox(rootSecret, keysBox, { ...box, version: 1 }),
    openBox(rootSecret, keysBox, { ...box, version: 2 + 2 ** 32 }), // the same 32 bits
    openBox(rootSecret, keysBox, { ...box, ciphertext: '' }),
    openBox(rootSecret, keysBox, { ...box, ciphertext: `${box.ciphertext}=` }),
  ]
  expect(await endsOf(refused)).toEqual(['cannot_decrypt'])
})

test('seals a box as the protocol describes', async () => {
  const { ciphertext } = await sealBox(rootSecret, keysBox, 2, plaintext)
  const sealed = decodeBase64url(ciphertext)

  const info = Buffer.concat([
    Buffer.from('sotto/1 box keys\0'),
    Buffer.from(alice.replaceAll('-', ''), 'hex'),
  ])
  const hkdf = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(0), info }
  const secret = bytesOf(rootSecret)
  const base = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey'])
  const aes = { name: 'AES-GCM', length: 256 }
  const key = await crypto.subtle.deriveKey(hkdf, base, aes, false, ['decrypt'])
  const additionalData = Buffer.concat([info, Buffer.from([0, 0, 0, 2])])
  const algorithm = { name: 'AES-GCM', iv: sealed.slice(0, 12), additionalData }
  const opened = await crypto.subtle.decrypt(algorithm, key, sealed.slice(12))

  expect(new Uint8Array(opened)).toEqual(plaintext)
})

test('the keys of an account survive a round trip through their box', async () => {
  const keyBox = await createAccountKeys({ withRsa: true })

  const box = await sealKeyBox(rootSecret, alice, 1, keyBox)
  const opened = await openKeyBox(rootSecret, alice, box)

  expect(publicKeysOf(await keysOf(opened))).toEqual(publicKeysOf(await keysOf(keyBox)))
})

test('the pinned contacts survive a round trip through their box', async () => {
  const identityKey = encodeBase64url(randomBytes(32))
  const former = { identityKey, replacedAt: 7, ends: [{ conversation, seq: 12 }] }
  const pins: Pin[] = [
    { account: bob, identityKey, recordVersion: 3, verified: true, former: [former] },
  ]

  const box = await sealContacts(rootSecret, alice, 1, pins)

  expect(await openContacts(rootSecret, alice, box)).toEqual(pins)
})

test('rejects a box with other content', async () => {
  const keys = await sealBox(rootSecret, keysBox, 1, utf8('{"v":2}'))
  const contacts = await sealBox(rootSecret, { ...keysBox, name: 'contacts' }, 1, utf8('[]'))

  await expect(openKeyBox(rootSecret, alice, keys)).rejects.toThrow(DecryptError)
  await expect(openContacts(rootSecret, alice, contacts)).rejects.toThrow(DecryptError)
})

test('a device name opens only with its root secret, account and device', async () => {
  const named = { account: alice, device }
  const sealed = await sealDeviceName(rootSecret, named, 'Kitchen tablet')
  const otherDevice = DeviceId.parse(crypto.randomUUID())

  expect(await openDeviceName(rootSecret, named, sealed)).toBe('Kitchen tablet')
  const refused = [
    openDeviceName(generateRootSecret(), named, sealed),
    openDeviceName(rootSecret, { ...named, account: bob }, sealed),
    openDeviceName(rootSecret, { ...named, device: otherDevice }, sealed),
    openDeviceName(rootSecret, named, ''),
  ]
  expect(await endsOf(refused)).toEqual(['cannot_decrypt'])
})

test('no two sealed names are equal, and all have the same length', async () => {
  const named = { account: alice, device }
  const names = ['x', 'x', 'Kitchen tablet', '台'.repeat(64), '🐤'.repeat(32)]
  const sealed = await Promise.all(names.map((name) => sealDeviceName(rootSecret, named, name)))

  expect(new Set(sealed.map(({ length }) => length))).toEqual(new Set([SEALED_DEVICE_NAME_CHARS]))
  expect(new Set(sealed).size).toBe(names.length)
  for (const [n, one] of sealed.entries()) {
    expect(await openDeviceName(rootSecret, named, one)).toBe(names[n])
  }
})

test('refuses to seal a device name that is not allowed', async () => {
  for (const name of ['', 'a'.repeat(65), 'two\nlines', ' around ']) {
    await expect(sealDeviceName(rootSecret, { account: alice, device }, name)).rejects.toThrow()
  }
})

test('each kind of wrap opens the root secret', async () => {
  const code: Opener = { kind: 'recovery_code', code: await generateRecoveryCode() }
  for (const opener of [password, code]) {
    const wrap = await wrapRootSecret(rootSecret, opener, alice)
    const opened = await unwrapRootSecret(wrap, opener, alice)
    expect(wrap.kind).toBe(opener.kind)
    expect(bytesOf(opened)).toEqual(bytesOf(rootSecret))
  }
})

test('a wrap does not open as another kind or for another account', async () => {
  const code = await generateRecoveryCode()
  const opener: Opener = { kind: 'recovery_code', code }
  const wrap = await wrapRootSecret(rootSecret, opener, alice)
  const other: Opener = { kind: 'recovery_code', code: await generateRecoveryCode() }
  const stretched = utf8(code.replaceAll('-', '').repeat(2))
  const asPassword: Opener = { kind: 'password', exportKey: stretched }

  await expect(unwrapRootSecret(wrap, other, alice)).rejects.toThrow(DecryptError)
  await expect(unwrapRootSecret(wrap, asPassword, alice)).rejects.toThrow(DecryptError)
  await expect(unwrapRootSecret(wrap, opener, bob)).rejects.toThrow(DecryptError)
})

test('a recovery code is eight groups of four', async () => {
  expect(await generateRecoveryCode()).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){7}[0-9A-HJKMNP-TV-Z]{4}$/)
})

test('accepts a recovery code as people type it', async () => {
  const code = await generateRecoveryCode()
  const typed = [
    code.toLowerCase(),
    code.replaceAll('-', ' '),
    ` ${code.replaceAll('-', '')}\n`,
    code.replaceAll('0', 'o').replaceAll('1', 'l'),
    code.replaceAll('1', 'I'),
  ]
  for (const text of typed) expect(await parseRecoveryCode(text)).toBe(code)
})

test('detects a mistyped recovery code', async () => {
  const zeros = '0'.repeat(30)
  const wrong = ['', '0000', `${zeros}00`, `${zeros}00`.repeat(2), `${zeros}UU`]
  for (const text of wrong) {
    await expect(parseRecoveryCode(text)).rejects.toMatchObject({ code: 'bad_recovery_code' })
  }
})

test('finds a recovery code in the text in which it was saved', async () => {
  const code = await generateRecoveryCode()
  const [one = '', two = '', ...rest] = code.split('-')
  const wide = [...code].map((character) => String.fromCharCode(character.charCodeAt(0) + 0xfee0))
  const texts = [
    code,
    `Sotto recovery code\n\n${code}\n\nFor chat.example.org, written down on 2026-11-29.\n`,
    `Sotto recovery code\r\n\r\n${code}\r\n\r\nFor chat.example.org`,
    `my code ${code.toLowerCase()} thank you`,
    `my code: "${code.replaceAll('-', ' ')}".`,
    `${code.slice(0, 20)}\n${code.slice(20)}`,
    `1. ${one} 2. ${two} ${rest.map((group, n) => `${n + 3}. ${group}`).join(' ')}`,
    `code (${code.replaceAll('-', '\u2011')})`,
    `\ufeff\u2068${wide.join('')}\u2069`,
    `${code} and again ${code.toLowerCase()}`,
  ]
  for (const text of texts) {
    expect(await findRecoveryCodes(text), text).toEqual({ codes: [code], damaged: [] })
  }
})

test('reports every code in a text, including damaged ones', async () => {
  const [one, other] = [await generateRecoveryCode(), await generateRecoveryCode()]
  const last = one.at(-1) === 'A' ? 'B' : 'A'
  const mistyped = one.slice(0, -1) + last
  const short = one.slice(0, -2)

  expect(await findRecoveryCodes(`old: ${one}\nnew: ${other}`)).toEqual({
    codes: [one, other],
    damaged: [],
  })
  expect(await findRecoveryCodes(`the code: ${mistyped}!`)).toEqual({
    codes: [],
    damaged: [mistyped],
  })
  expect(await findRecoveryCodes(`the code: ${short}.\nnew: ${other}`)).toEqual({
    codes: [other],
    damaged: [short],
  })
})

test('finds no code in text without one', async () => {
  const texts = [
    '',
    'There is no code in this text, and none of it looks like one.',
    'some text with only four char long word that says very much 2026',
    '2026-11-29 12:45:10 +49 151 23456789',
    'a '.repeat(40_000),
  ]
  for (const text of texts) {
    expect(await findRecoveryCodes(text)).toEqual({ codes: [], damaged: [] })
  }
})

test('matches the known recovery code of the protocol', async () => {
  // SHA-256('sotto/1 recovery code' 0x00 '000…0') begins with these ten bits.
  const hash = await crypto.subtle.digest(
    'SHA-256',
    utf8(`sotto/1 recovery code\0${'0'.repeat(30)}`),
  )
  const bits = new DataView(hash).getUint16(0) >> 6
  const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
  const check = alphabet.charAt(bits >> 5) + alphabet.charAt(bits & 31)

  const code = await parseRecoveryCode('0'.repeat(30) + check)

  expect(code.replaceAll('-', '')).toBe('0'.repeat(30) + check)
})

test('a vault opens only on its device, under its label and for its account', async () => {
  const vault = await createVaultKey()
  const otherVault = await createVaultKey()
  const sealed = await vaultSeal(vault, 'drafts', plaintext)
  const sealedSecret = await vaultSealRootSecret(vault, alice, rootSecret)

  expect(await vaultOpen(vault, 'drafts', sealed)).toEqual(plaintext)
  const opened = await vaultOpenRootSecret(structuredClone(vault), alice, sealedSecret)
  expect(bytesOf(opened)).toEqual(bytesOf(rootSecret))

  const refused = [
    vaultOpen(vault, 'other', sealed),
    vaultOpen(otherVault, 'drafts', sealed),
    vaultOpenRootSecret(vault, bob, sealedSecret),
    vaultOpenRootSecret(vault, alice, sealed),
  ]
  expect(await endsOf(refused)).toEqual(['cannot_decrypt'])
})
