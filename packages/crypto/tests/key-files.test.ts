import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Bytes,
  createAccountKeys,
  type KeyBox,
  KeyFileError,
  type KeyFileFacts,
  keysOf,
  withImportedRsaKey,
} from '../src/index.ts'
import { TAG, writeDer, writeInteger } from '../src/rsa/der.ts'

const passphrase = 'the passphrase of the file'
const another = 'another passphrase'

let folder: string
let empty: KeyBox
/** The kid of `plain.pem`. */
let kid: string | undefined

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-key-files-'))
  empty = await createAccountKeys({ withRsa: false })
  run(`openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out plain.pem`)
  run(`openssl req -x509 -key plain.pem -subj /CN=example.org -out cert.pem`)
  kid = await kidOf(read('plain.pem'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Runs a command as a person would in a terminal. */
function run(command: string): void {
  execFileSync('/bin/sh', ['-c', command], { cwd: folder, stdio: 'pipe' })
}
const read = (name: string): Bytes => Uint8Array.from(readFileSync(join(folder, name)))
const write = (name: string, content: string | Uint8Array) =>
  writeFileSync(join(folder, name), content)

async function kidOf(file: string | Bytes, secret: string | null = null) {
  const box = await withImportedRsaKey(empty, file, secret)
  return (await keysOf(box)).rsa[0]?.kid
}

/** The facts reported about a rejected file. */
async function factsOf(file: string | Bytes): Promise<KeyFileFacts> {
  const error = await kidOf(file, passphrase).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof KeyFileError)) throw new Error(`Not rejected: ${String(error)}`)
  return error.facts
}

const pass = `-passout "pass:${passphrase}"`
const traditional = `openssl rsa -in plain.pem -traditional ${pass}`
const pkcs8 = `openssl pkcs8 -topk8 -in plain.pem ${pass}`
const legacy = '-provider legacy -provider default'

describe('an unsupported key file is described, and its command converts it to a supported one', () => {
  test.each([
    ['PKCS#1 with a passphrase, AES', `${traditional} -aes256`, 'encrypted_pkcs1', undefined],
    ['PKCS#1 with a passphrase, 3DES', `${traditional} -des3`, 'encrypted_pkcs1', undefined],
    ['scrypt', `${pkcs8} -scrypt`, 'encryption', 'scrypt'],
    ['3DES', `${pkcs8} -v2 des3`, 'encryption', 'Triple DES'],
    ['AES-192', `${pkcs8} -v2 aes-192-cbc`, 'encryption', 'AES-192'],
    ['Camellia', `${pkcs8} -v2 camellia-256-cbc`, 'encryption', '1.2.392.200011.61.1.1.1.4'],
    ['PBES1', `${pkcs8} ${legacy} -v1 PBE-MD5-DES`, 'encryption', 'PBES1 with DES'],
    ['PBES1, RC2', `${pkcs8} ${legacy} -v1 PBE-SHA1-RC2-64`, 'encryption', 'PBES1 with RC2'],
    ['PKCS#12’s 3DES', `${pkcs8} -v1 PBE-SHA1-3DES`, 'encryption', 'PKCS#12 with Triple DES'],
    ['PKCS#12’s RC2', `${pkcs8} ${legacy} -v1 PBE-SHA1-RC2-40`, 'encryption', 'PKCS#12 with RC2'],
    ['DES in PBES2', `${pkcs8} ${legacy} -v2 des-cbc`, 'encryption', 'DES'],
    [
      'PKCS#12',
      `openssl pkcs12 -export -inkey plain.pem -in cert.pem ${pass}`,
      'pkcs12',
      undefined,
    ],
  ])('%s', async (_, make, kind, algorithm) => {
    run(`${make} -out key.pem`)
    const facts = await factsOf(read('key.pem'))

    expect(facts).toMatchObject({ kind, ...(algorithm && { algorithm }) })
    run(`${facts.command} -passin "pass:${passphrase}" -passout "pass:${another}"`)
    expect(await kidOf(read('sotto.pem'), another)).toBe(kid)
  })

  test('OpenSSH', async () => {
    write('key.pem', read('plain.pem'))
    run(`chmod 600 key.pem && ssh-keygen -p -N "${passphrase}" -f key.pem`)
    const facts = await factsOf(read('key.pem'))

    expect(facts).toMatchObject({ kind: 'openssh' })
    run(`${facts.command} -P "${passphrase}" -N "${another}"`)
    expect(await kidOf(read('sotto.pem'), another)).toBe(kid)
  })
})

test.each([
  ['EC', 'openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256', 'EC'],
  ['EC in its own format', 'openssl ecparam -genkey -name prime256v1', 'EC'],
  ['Ed25519', 'openssl genpkey -algorithm ed25519', 'Ed25519'],
  ['X25519', 'openssl genpkey -algorithm x25519', 'X25519'],
  [
    'encrypted EC',
    `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -aes256 -pass "pass:${passphrase}"`,
    'EC',
  ],
  ['RSA-PSS', 'openssl genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048', 'RSA-PSS'],
  [
    'EC as DER',
    'openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -outform DER',
    'EC',
  ],
])('names the algorithm of a private key that is not RSA: %s', async (_, make, algorithm) => {
  run(`${make} -out other.pem`)
  expect(await factsOf(read('other.pem'))).toEqual({ kind: 'other_algorithm', algorithm })
})

test('names the algorithm of an OpenSSH key that is not RSA', async () => {
  run('rm -f ed && ssh-keygen -q -t ed25519 -N "" -f ed')
  expect(await factsOf(read('ed'))).toEqual({ kind: 'other_algorithm', algorithm: 'Ed25519' })
  expect(await factsOf(read('ed.pub'))).toEqual({ kind: 'public_key' })
})

test.each([
  ['a public key', 'openssl pkey -in plain.pem -pubout', 'public_key'],
  ['a public key in its old format', 'openssl rsa -in plain.pem -RSAPublicKey_out', 'public_key'],
  ['a public key as DER', 'openssl pkey -in plain.pem -pubout -outform DER', 'public_key'],
  ['a certificate', 'openssl x509 -in cert.pem', 'certificate'],
  ['a certificate as DER', 'openssl x509 -in cert.pem -outform DER', 'certificate'],
  ['a request for one', 'openssl req -new -key plain.pem -subj /CN=a', 'certificate'],
  ['parameters', 'openssl ecparam -name prime256v1', 'other'],
])('recognizes %s', async (_, make, kind) => {
  run(`${make} -out public.pem`)
  expect(await factsOf(read('public.pem'))).toMatchObject({ kind })
})

test('reports the length of a key that is too short', async () => {
  run('openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out short.pem')
  expect(await factsOf(read('short.pem'))).toEqual({ kind: 'too_short', bits: 1024 })
})

test('reports the length of a key that is too long', async () => {
  // Generating a real key of this length takes minutes. The length is checked before the numbers
  // are used.
  const modulus = new Uint8Array(1 + 1024).fill(0xff, 1)
  const numbers = [modulus, new Uint8Array([1, 0, 1]), ...Array(6).fill(new Uint8Array([1]))]
  const der = writeDer(
    TAG.sequence,
    writeInteger(0),
    ...numbers.map((number) => writeDer(TAG.integer, number)),
  )
  expect(await factsOf(der)).toEqual({ kind: 'too_long', bits: 8192 })
})

test('reports an unusual public exponent', async () => {
  run(
    'openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_keygen_pubexp:3 -out three.pem',
  )
  expect(await factsOf(read('three.pem'))).toEqual({ kind: 'exponent' })
})

test('reports several keys in a file; ignores other objects beside a single key', async () => {
  run('openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out second.pem')
  run('openssl genpkey -algorithm ed25519 -out ed.pem')
  run('cat plain.pem second.pem > both.pem; cat cert.pem ed.pem plain.pem > bundle.pem')

  expect(await factsOf(read('both.pem'))).toEqual({ kind: 'several_keys', count: 2 })
  expect(await kidOf(read('bundle.pem'))).toBe(kid)
})

test('reads a file in the encodings of editors and as DER', async () => {
  const text = readFileSync(join(folder, 'plain.pem'), 'utf8')
  const utf16 = Buffer.from(text, 'utf16le')
  const files = [
    `\ufeff${text}`,
    Buffer.from(`\ufeff${text}`),
    Buffer.from(`\ufeff${text}`, 'utf16le'),
    utf16,
    Buffer.from(`\ufeff${text}`, 'utf16le').swap16(),
    Buffer.from(text, 'utf16le').swap16(),
    Buffer.from(text.replaceAll('\n', '\r')),
  ]
  for (const file of files) {
    expect(await kidOf(typeof file === 'string' ? file : Uint8Array.from(file))).toBe(kid)
  }
  run('openssl pkcs8 -topk8 -nocrypt -in plain.pem -outform DER -out pkcs8.der')
  run('openssl rsa -in plain.pem -traditional -outform DER -out pkcs1.der')
  run(`${pkcs8} -outform DER -out encrypted.der`)
  expect(await kidOf(read('pkcs8.der'))).toBe(kid)
  expect(await kidOf(read('pkcs1.der'))).toBe(kid)
  expect(await kidOf(read('encrypted.der'), passphrase)).toBe(kid)
})

test('reports missing and damaged keys', async () => {
  const text = readFileSync(join(folder, 'plain.pem'), 'utf8')
  const cases: [string | Bytes, KeyFileFacts['kind']][] = [
    ['', 'no_key'],
    ['a letter', 'no_key'],
    ['PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\n', 'putty'],
    [text.slice(0, 800), 'damaged'],
    [text.replace('PRIVATE KEY-----\nMII', 'PRIVATE KEY-----\nMI*'), 'damaged'],
    [text.split('\n').toSpliced(5, 1).join('\n'), 'damaged'],
    [Uint8Array.of(0x30, 0x03, 0x01, 0x01, 0xff), 'damaged'],
    [' '.repeat(70_000), 'too_large'],
    ['-----BEGIN PGP PRIVATE KEY BLOCK-----\nAAAA\n-----END PGP PRIVATE KEY BLOCK-----', 'other'],
  ]
  for (const [file, kind] of cases) expect(await factsOf(file)).toMatchObject({ kind })
})

test('distinguishes a missing passphrase from a wrong one', async () => {
  run(`${pkcs8} -out encrypted.pem`)
  const told = async (secret: string | null) =>
    kidOf(read('encrypted.pem'), secret).catch((error: KeyFileError) => error.facts)

  expect(await told(null)).toEqual({ kind: 'passphrase_missing' })
  expect(await told('')).toEqual({ kind: 'passphrase_missing' })
  expect(await told('wrong')).toEqual({ kind: 'passphrase_wrong' })
})
