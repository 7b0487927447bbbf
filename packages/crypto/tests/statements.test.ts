import type { AccountRecord, Credential } from '@sotto/wire'
import { CompactSign, compactVerify, importJWK } from 'jose'
import { beforeAll, expect, test } from 'vitest'
import { utf8 } from '../src/bytes.ts'
import {
  type AccountKeys,
  encodeBase64url,
  generateDeviceKey,
  generateRootSecret,
  hashPicture,
  publicKeysOf,
  sealDeviceName,
  signCredential,
  signRecord,
  verifyCredential,
  verifyRecord,
} from '../src/index.ts'
import { alice, device, newKeys, withOtherCharacter } from './people.ts'

let keys: AccountKeys
let record: AccountRecord
let credential: Credential

beforeAll(async () => {
  keys = await newKeys({ withRsa: true })
  record = {
    account: alice,
    version: 1,
    name: 'Alice',
    pictureSha256: await hashPicture(utf8('a picture')),
    ...publicKeysOf(keys),
    revoked: [],
    issuedAt: 1_900_000_000_000,
  }
  const { publicKey } = await generateDeviceKey()
  const deviceKey = encodeBase64url(publicKey)
  const sealedName = await sealDeviceName(
    generateRootSecret(),
    { account: alice, device },
    'Firefox',
  )
  credential = { account: alice, device, deviceKey, sealedName, issuedAt: record.issuedAt }
})

const refused = { code: 'bad_statement' }
const identityKey = () => record.identityKey

/** Signs a statement with another library, with an arbitrary header and payload. */
function signedByHand(header: object, payload: string): Promise<string> {
  return new CompactSign(utf8(payload))
    .setProtectedHeader({ alg: 'EdDSA', ...header })
    .sign(keys.identity.privateKey as CryptoKey)
}

test('a record and a credential survive signing and verification', async () => {
  expect(await verifyRecord(await signRecord(keys.identity, record))).toEqual(record)
  const statement = await signCredential(keys.identity, credential)
  expect(await verifyCredential(statement, identityKey())).toEqual(credential)
})

test('another implementation verifies them', async () => {
  const key = await importJWK({ kty: 'OKP', crv: 'Ed25519', x: identityKey() }, 'EdDSA')

  const verified = await compactVerify(await signRecord(keys.identity, record), key)

  expect(verified.protectedHeader).toEqual({ alg: 'EdDSA', typ: 'sotto-account+jws' })
})

test('we verify what another implementation signs', async () => {
  const statement = await signedByHand({ typ: 'sotto-account+jws' }, JSON.stringify(record))

  expect(await verifyRecord(statement)).toEqual(record)
})

test('a record must name the identity key that signs it', async () => {
  const other = await newKeys()
  const stolen = { ...record, identityKey: publicKeysOf(other).identityKey }

  await expect(signRecord(keys.identity, stolen)).rejects.toMatchObject(refused)
  const statement = await signedByHand({ typ: 'sotto-account+jws' }, JSON.stringify(stolen))
  await expect(verifyRecord(statement)).rejects.toMatchObject(refused)
})

test('a credential is valid only under the key that signed it', async () => {
  const other = publicKeysOf(await newKeys()).identityKey
  const statement = await signCredential(keys.identity, credential)

  await expect(verifyCredential(statement, other)).rejects.toMatchObject(refused)
  await expect(verifyCredential(statement, '')).rejects.toMatchObject(refused)
})

test('a statement of one kind is not valid as another kind', async () => {
  const asRecord = await signCredential(keys.identity, credential)
  const asCredential = await signRecord(keys.identity, record)

  await expect(verifyRecord(asRecord)).rejects.toMatchObject(refused)
  await expect(verifyCredential(asCredential, identityKey())).rejects.toMatchObject(refused)
})

test('rejects any changed character', async () => {
  const statement = await signCredential(keys.identity, credential)
  for (let index = 0; index < statement.length; index += 7) {
    const changed = withOtherCharacter(statement, index)
    await expect(verifyCredential(changed, identityKey())).rejects.toMatchObject(refused)
  }
})

test('rejects signed statements whose header or payload is not exactly ours', async () => {
  const typ = 'sotto-account+jws'
  const json = JSON.stringify(record)
  const statements = [
    await signedByHand({ typ, kid: 'x' }, json),
    await signedByHand({ typ: 'JWT' }, json),
    await signedByHand({ typ }, json.replace('{', '{"extra":1,')),
    await signedByHand({ typ }, json.replace('{', '{"name":"Bob",')),
    await signedByHand({ typ }, json.replace('{', '{"__proto__":{},')),
    await signedByHand({ typ }, '{'),
    '',
    '..',
    (await signRecord(keys.identity, record)).padEnd(5000, 'A'),
    `${await signRecord(keys.identity, record)}.`,
  ]
  for (const statement of statements) {
    await expect(verifyRecord(statement)).rejects.toMatchObject(refused)
  }
})
