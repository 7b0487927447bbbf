import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  createAccountKeys,
  type KeyBox,
  keysOf,
  rsaKeyToPem,
  withImportedRsaKey,
  withNewRsaKey,
} from '../src/index.ts'

const passphrase = 'correct horse ß battery'

let folder: string
let keyBox: KeyBox
let empty: KeyBox

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-pem-'))
  keyBox = await createAccountKeys({ withRsa: true })
  empty = await createAccountKeys({ withRsa: false })
})
afterAll(() => rmSync(folder, { recursive: true }))

const path = (name: string) => join(folder, name)
function openssl(...args: string[]): string {
  return execFileSync('openssl', args, { encoding: 'utf8', stdio: 'pipe', cwd: folder })
}

/** Creates a file with openssl. */
function made(name: string, ...args: string[]): string {
  openssl(...args, '-out', path(name))
  return readFileSync(path(name), 'utf8')
}

const currentKid = async (box: KeyBox) => (await keysOf(box)).rsa[0]?.kid

test('openssl opens the encrypted file with the passphrase and with no other', async () => {
  writeFileSync(path('own.pem'), await rsaKeyToPem(keyBox, passphrase))

  const text = openssl('pkey', '-in', 'own.pem', '-passin', `pass:${passphrase}`, '-text', '-noout')
  expect(text).toContain('3072 bit')
  expect(() => openssl('pkey', '-in', 'own.pem', '-passin', 'pass:wrong', '-noout')).toThrow()

  const scheme = openssl('asn1parse', '-in', 'own.pem')
  for (const part of ['PBES2', 'PBKDF2', ':0927C0', 'hmacWithSHA256', 'aes-256-cbc']) {
    expect(scheme).toContain(part)
  }
})

test('openssl opens the unencrypted file', async () => {
  const pem = await rsaKeyToPem(keyBox, null)
  writeFileSync(path('clear.pem'), pem)

  expect(pem).toMatch(/^-----BEGIN PRIVATE KEY-----\n/)
  expect(openssl('pkey', '-in', 'clear.pem', '-text', '-noout')).toContain('3072 bit')
})

test('a file transfers the same key to another account', async () => {
  for (const secret of [passphrase, null]) {
    const pem = await rsaKeyToPem(keyBox, secret)
    const imported = await withImportedRsaKey(empty, pem, secret)
    expect(await currentKid(imported)).toBe(await currentKid(keyBox))
  }
})

test('reads files that openssl wrote', async () => {
  const plain = made(
    'plain.pem',
    'genpkey',
    '-algorithm',
    'RSA',
    '-pkeyopt',
    'rsa_keygen_bits:2048',
  )
  const kid = await currentKid(await withImportedRsaKey(empty, plain, null))
  const pkcs8 = ['pkcs8', '-topk8', '-in', path('plain.pem'), '-passout', `pass:${passphrase}`]
  const files = {
    default: made('a.pem', ...pkcs8),
    sha1: made('b.pem', ...pkcs8, '-v2', 'aes-128-cbc', '-v2prf', 'hmacWithSHA1'),
    sha512: made('c.pem', ...pkcs8, '-v2', 'aes-256-cbc', '-v2prf', 'hmacWithSHA512'),
    iterated: made('d.pem', ...pkcs8, '-iter', '100000'),
    pkcs1: made('e.pem', 'rsa', '-in', path('plain.pem'), '-traditional'),
    windows: plain.replaceAll('\n', '\r\n'),
    commented: `Key Attributes: <No Attributes>\n${plain}`,
  }
  for (const [name, pem] of Object.entries(files)) {
    const imported = await withImportedRsaKey(empty, pem, passphrase)
    expect(await currentKid(imported), name).toBe(kid)
  }
})

test('distinguishes a wrong or missing passphrase from a damaged file', async () => {
  const pem = await rsaKeyToPem(keyBox, passphrase)

  for (const secret of ['wrong', '', null]) {
    const imported = withImportedRsaKey(empty, pem, secret)
    await expect(imported).rejects.toMatchObject({ code: 'wrong_passphrase' })
  }
})

test('rejects files that are not an RSA private key', async () => {
  const clear = await rsaKeyToPem(keyBox, null)
  const encrypted = await rsaKeyToPem(keyBox, passphrase)
  const ec = ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256']
  const files = [
    '',
    'hello',
    made('ec.pem', ...ec),
    made('ed.pem', 'genpkey', '-algorithm', 'ed25519'),
    openssl('pkey', '-in', path('ed.pem'), '-pubout'),
    clear.replace('PRIVATE KEY-----\nMII', 'PRIVATE KEY-----\nMIJ'),
    clear.split('\n').toSpliced(3, 1).join('\n'),
    encrypted.split('\n').toSpliced(1, 1).join('\n'),
    ' '.repeat(70_000),
  ]
  for (const pem of files) {
    const imported = withImportedRsaKey(empty, pem, passphrase)
    await expect(imported).rejects.toMatchObject({ code: 'not_a_private_key' })
  }
})

test('rejects a file with an excessive iteration count immediately', async () => {
  const pem = await rsaKeyToPem(keyBox, passphrase)
  const [begin, ...lines] = pem.trimEnd().split('\n')
  const der = Buffer.from(lines.slice(0, -1).join(''), 'base64')
  // Shift one byte from the salt to the iteration count, which grows from three bytes to four.
  const salt = der.indexOf('0410', 'hex')
  const iterations = der.indexOf('02030927c0', 'hex')
  der.writeUInt8(15, salt + 1)
  der.write('02047fffffff', iterations - 1, 'hex')
  const endless = `${begin}\n${der.toString('base64')}\n${lines.at(-1)}\n`

  await expect(withImportedRsaKey(empty, endless, passphrase)).rejects.toMatchObject({
    code: 'not_a_private_key',
  })
})

test('rejects keys that are too short, too long or have another exponent', async () => {
  const make = ['genpkey', '-algorithm', 'RSA', '-pkeyopt']
  const files = [
    made('short.pem', ...make, 'rsa_keygen_bits:1024'),
    made('exponent.pem', ...make, 'rsa_keygen_bits:2048', '-pkeyopt', 'rsa_keygen_pubexp:3'),
  ]
  for (const pem of files) {
    const imported = withImportedRsaKey(empty, pem, null)
    await expect(imported).rejects.toMatchObject({ code: 'unsupported_private_key' })
  }
})

test('a new key becomes the current one and the former one remains', async () => {
  const renewed = await withNewRsaKey(keyBox)

  const [current, former] = (await keysOf(renewed)).rsa
  expect(former?.kid).toBe(await currentKid(keyBox))
  expect(current?.kid).not.toBe(former?.kid)
})

test('importing an existing key makes it the current one without a duplicate', async () => {
  const pem = await rsaKeyToPem(keyBox, null)

  const again = await withImportedRsaKey(await withNewRsaKey(keyBox), pem, null)

  expect((await keysOf(again)).rsa).toHaveLength(2)
  expect(await currentKid(again)).toBe(await currentKid(keyBox))
})

test('an account without an RSA key cannot export a file', async () => {
  await expect(rsaKeyToPem(empty, passphrase)).rejects.toMatchObject({ code: 'no_rsa_key' })
})
