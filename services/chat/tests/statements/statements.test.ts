import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { chatRequests } from '@sotto/wire'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createEcdhKey, sealedName, spkiOf } from '../../../../tests/services/signed-statements.ts'
import { isEd25519Key, verifyStatement } from '../../src/domain/statements/verify-statement.ts'
import type { Person } from '../person.ts'
import { startChat, type TestChat } from '../start-chat.ts'
import unusual from './vectors/unusual-signatures.json' with { type: 'json' }

let chat: TestChat
let alice: Person

beforeAll(async () => {
  chat = await startChat()
  alice = await chat.person('Alice')
})
afterAll(() => chat[Symbol.asyncDispose]())

const putRecord = (as: Person, record: string) =>
  chat.call(as, chatRequests.putUser, { body: { record, picture: null } })
const putCredential = (as: Person, credential: string) =>
  chat.call(as, chatRequests.putDevice, {
    params: { deviceId: as.deviceId },
    body: { credential },
  })
const putManifest = (as: Person, manifest: string) =>
  chat.call(as, chatRequests.putManifest, { body: { manifest } })

/** The statement with a payload that was changed after signing. */
function altered(statement: string, changes: object): string {
  const [header, payload = '', signature] = statement.split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  const text = JSON.stringify({ ...claims, ...changes })
  return `${header}.${Buffer.from(text).toString('base64url')}.${signature}`
}

describe('rejects a statement that its identity key did not sign', () => {
  test('a record', async () => {
    const mallory = alice.withNewKeys()
    const stolen = altered(mallory.record({ version: 2 }), {
      identityKey: JSON.parse(
        Buffer.from(alice.record().split('.')[1] ?? '', 'base64url').toString(),
      ).identityKey,
    })
    for (const record of [altered(alice.record({ version: 2 }), { name: 'Mallory' }), stolen]) {
      expect(await putRecord(alice, record)).toMatchObject({ status: 400, code: 'bad_signature' })
    }
  })

  test('a credential', async () => {
    const tablet = alice.onAnotherDevice()
    const byAnother = alice.withNewKeys().credential()
    expect(await putCredential(alice, byAnother)).toMatchObject({
      status: 400,
      code: 'bad_signature',
    })
    const renamed = altered(tablet.credential(), { sealedName: sealedName() })
    expect((await putCredential(tablet, renamed)).code).toBe('bad_signature')
    expect((await putCredential(tablet, tablet.credential())).status).toBe(200)
  })

  test('a manifest', async () => {
    const refused = { status: 400, code: 'bad_signature' }
    expect(await putManifest(alice, alice.withNewKeys().manifest())).toMatchObject(refused)
    expect(await putManifest(alice, altered(alice.manifest(), { record: 9 }))).toMatchObject(
      refused,
    )
  })

  test('any statement of an account that has not published a record', async () => {
    const newcomer = await chat.person('Newcomer', { isPublished: false })
    expect((await putCredential(newcomer, newcomer.credential())).code).toBe('bad_signature')
    expect((await putManifest(newcomer, newcomer.manifest())).code).toBe('bad_signature')
  })

  test.each(['', 'AAAA', `${'A'.repeat(85)}B`])('with the signature %j', async (signature) => {
    const [header, payload] = alice.record({ version: 2 }).split('.')
    const { status } = await putRecord(alice, `${header}.${payload}.${signature}`)
    expect(status).toBe(400)
  })
})

describe('the name of a device', () => {
  const refused = { code: 'invalid_request', details: { field: 'body/credential' } }

  test.each<[string, object]>([
    ['in plaintext beside the sealed one', { name: 'Kitchen tablet' }],
    ['in plaintext in its place', { sealedName: 'Kitchen tablet' }],
    ['of another length', { sealedName: sealedName().slice(4) }],
    ['missing', { sealedName: undefined }],
  ])('%s is rejected', async (_, changes) => {
    expect((await putCredential(alice, alice.credential(changes))).body).toEqual(refused)
  })
})

describe('a record must have usable keys', () => {
  const rsa = (modulusLength: number, publicExponent = 65537) =>
    spkiOf(generateKeyPairSync('rsa', { modulusLength, publicExponent }).publicKey)
  const flipped = (spki: string) => {
    const bytes = Buffer.from(spki, 'base64url')
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1)
    return bytes.toString('base64url')
  }
  const p256 = createEcdhKey()
  const point = Buffer.from(p256, 'base64url').subarray(-65)
  /** The same point with only one coordinate, which would be another encoding of the same key. */
  const compressed = Buffer.concat([
    Buffer.from('3039301306072a8648ce3d020106082a8648ce3d030107032200', 'hex'),
    Buffer.from([2 + (point.readUInt8(64) & 1)]),
    point.subarray(1, 33),
  ]).toString('base64url')

  test.each<[string, object]>([
    ['an identity key that is not a point', { identityKey: `Ag${'A'.repeat(41)}` }],
    ['an identity key beyond the field', { identityKey: `${'_'.repeat(42)}8` }],
    ['an ecdh key that is noise', { ecdhKey: 'AAAA' }],
    ['an ecdh key off the curve', { ecdhKey: flipped(p256) }],
    ['an ecdh key of another curve', { ecdhKey: createEcdhKey('P-384') }],
    ['an ecdh key in another encoding', { ecdhKey: compressed }],
    ['an ecdh key with trailing bytes', { ecdhKey: `${p256}AA` }],
    ['an ecdh key that is RSA', { ecdhKey: rsa(512) }],
    ['an rsa key of 1024 bits', { rsaKey: rsa(1024) }],
    ['an rsa key with exponent 3', { rsaKey: rsa(2048, 3) }],
    ['an invalid rsa key', { rsaKey: p256 }],
    ['a device that is revoked twice', { revoked: twice(randomUUID()) }],
  ])('%s is rejected', async (_, changes) => {
    const refused = await putRecord(alice, alice.record({ version: 2, ...changes }))
    expect(refused.body).toEqual({ code: 'invalid_request', details: { field: 'body/record' } })
  })

  test('an rsa key of 2048 bits is accepted', async () => {
    const bob = await chat.person('Bob')
    expect((await putRecord(bob, bob.record({ version: 2, rsaKey: rsa(2048) }))).status).toBe(200)
  })

  test('a credential must name a device key that is a point', async () => {
    const refused = await putCredential(
      alice,
      alice.credential({ deviceKey: `Ag${'A'.repeat(41)}` }),
    )
    expect(refused.body).toEqual({
      code: 'invalid_request',
      details: { field: 'body/credential' },
    })
  })

  test('rejects a signature that only some libraries reject', () => {
    const cases = unusual.cases.filter(({ kind }) => kind === 'credential')
    expect(cases).toHaveLength(3)
    for (const { statement, identityKey } of cases) {
      expect(() => verifyStatement(statement, identityKey)).toThrow('bad_signature')
    }
  })

  test('rejects a record under a key that only some libraries reject', async () => {
    const cases = unusual.cases.filter(({ kind }) => kind === 'record')
    expect(cases).toHaveLength(3)
    for (const { statement } of cases) {
      const { identityKey } = JSON.parse(
        Buffer.from(statement.split('.')[1] ?? '', 'base64url').toString(),
      )
      const answer = await putRecord(alice, alice.record({ version: 2, identityKey }))
      expect(answer.body).toEqual({ code: 'invalid_request', details: { field: 'body/record' } })
    }
  })

  test('points are distinguished from other numbers', () => {
    const keys = Array.from({ length: 20 }, () => generateKeyPairSync('ed25519').publicKey)
    const points = keys.map((key) => key.export({ format: 'jwk' }).x ?? '')
    expect(points.every(isEd25519Key)).toBe(true)
    const encode = (number: bigint) =>
      Buffer.from(number.toString(16).padStart(64, '0'), 'hex').reverse().toString('base64url')
    const p = 2n ** 255n - 19n
    // RFC 8032 §5.1.3: y = 1 has x = 0, which has no odd twin; numbers from p on are rejected.
    expect(isEd25519Key(encode(1n + 2n ** 255n))).toBe(false)
    expect(isEd25519Key(encode(p + 1n))).toBe(false)
    // Anyone can sign under a point of small order: here 1, 2 and 4.
    expect([1n, p - 1n, 0n].map((y) => isEd25519Key(encode(y)))).toEqual([false, false, false])
    const some = Array.from({ length: 200 }, (_, n) => isEd25519Key(encode(BigInt(n + 2))))
    const share = some.filter(Boolean).length / some.length
    expect(share).toBeGreaterThan(0.35)
    expect(share).toBeLessThan(0.65)
  })
})

function twice(device: string) {
  return [1, 2].map((at) => ({ device, at }))
}
