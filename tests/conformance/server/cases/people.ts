import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import {
  decodeBase64url,
  encodeBase64url,
  generateDeviceKey,
  hashPicture,
  signWritten,
} from '@sotto/crypto'
import {
  type AccountId,
  type AccountRecord,
  chatRequests,
  MAX_PICTURE_SIDE,
  MAX_RECORD_STEP,
  MAX_VERSION_STEP,
  writtenBox,
} from '@sotto/wire'
import { expect } from 'vitest'
import { makePictureBomb, makePng, pngChunk } from '../../../services/made-pictures.ts'
import type { Subject } from '../../conformance-case.ts'
import { RawAccount } from '../../raw/raw-account.ts'
import type { RawDevice } from '../../raw/raw-device.ts'
import type { ServerStage } from '../server-stage.ts'

/** Records, credentials and boxes, and who may read them. */
export const people: Subject<ServerStage> = {
  title: 'People and keys',
  cases: [
    {
      name: 'others read what an account publishes, but its devices only in a conversation',
      section: '§10.13',
      async run(stage) {
        const { alice, bob, carol } = stage
        await stage.aliceAndBob()
        const params = { accountId: alice.accountId }
        const byBob = await bob.call(chatRequests.getUser, { params })
        const byCarol = await carol.call(chatRequests.getUser, { params })
        const own = await alice.call(chatRequests.ownUser, {})
        expect(byBob).toEqual(own.account)
        expect(byBob.devices.map(({ deviceId }) => deviceId)).toContain(alice.deviceId)
        expect(byCarol).toEqual({ ...byBob, devices: [], pastRecords: [] })
      },
    },
    {
      name: 'an account that does not exist is not found',
      section: '§11.2',
      async run({ alice }) {
        const params = { accountId: crypto.randomUUID() as AccountId }
        const { code } = await alice.refusal(chatRequests.getUser, { params })
        expect(code).toBe('account_not_found')
      },
    },
    {
      name: 'publishing the same record again is not an error',
      section: '§3.4',
      async run({ bob }) {
        const record = await publishedRecord(bob)
        const body = { record, picture: null }
        await bob.call(chatRequests.putUser, { body })
        expect(await publishedRecord(bob)).toBe(record)
      },
    },
    {
      name: 'a record that says what it follows is stale if another one is the newest',
      section: '§3.4',
      async run({ bob }) {
        const { account } = bob
        const currentVersion = account.versions.record
        // A larger step is reserved for records that say what they follow.
        const version = currentVersion + MAX_RECORD_STEP
        const record = await account.record({ version })
        for (const after of [0, currentVersion - 1, currentVersion + 1].filter((one) => one >= 0)) {
          const body = { record, picture: null, after }
          const refused = await bob.refusal(chatRequests.putUser, { body })
          expect(refused).toEqual({ code: 'stale_version', details: { currentVersion } })
        }
        const body = { record, picture: null, after: currentVersion }
        await bob.call(chatRequests.putUser, { body })
        account.versions.record = version
      },
    },
    {
      name: 'a record must have the next version',
      section: '§3.4',
      async run({ bob }) {
        const { account } = bob
        const current = account.versions.record
        const stale = { code: 'stale_version', details: { currentVersion: current } }
        for (const version of [current, current + 2]) {
          const record = await account.record({ version, name: 'Bob too soon' })
          expect(await refusedRecord(bob, record)).toEqual(stale)
        }
        const version = current + 1
        const body = { record: await account.record({ version }), picture: null }
        await bob.call(chatRequests.putUser, { body })
        account.versions.record = version
      },
    },
    {
      name: 'a statement that another key signed is refused',
      section: '§3.5',
      async run({ bob }) {
        const { accountId, deviceId, key } = bob
        const stranger = await RawAccount.create({ accountId, phone: '', name: 'Mallory' })
        const { identityKey } = bob.account
        const version = bob.account.versions.record + 1
        const forged = await forge(stranger, bob.account, version)
        expect((await refusedRecord(bob, forged)).code).toBe('bad_signature')
        const device = { deviceId, publicKey: key.publicKey }
        const credential = await stranger.credential(device)
        const refused = await bob.refusal(chatRequests.putDevice, {
          params: { deviceId },
          body: { credential },
        })
        expect(refused.code).toBe('bad_signature')
        const manifest = await stranger.manifest({ version: bob.account.versions.manifest + 1 })
        const kept = await bob.refusal(chatRequests.putManifest, { body: { manifest } })
        expect(kept.code).toBe('bad_signature')
        expect(identityKey).not.toBe(stranger.identityKey)
      },
    },
    {
      name: 'a statement of another kind or with another header is refused',
      section: '§3',
      async run({ bob }) {
        const { deviceId, key, account } = bob
        const credential = await account.credential({ deviceId, publicKey: key.publicKey })
        expect((await refusedRecord(bob, credential)).code).toBe('invalid_request')
        const [, payload, signature] = (await account.record({ version: 9999 })).split('.')
        const header = Buffer.from('{"typ":"sotto-account+jws","alg":"EdDSA"}')
        const reordered = [header.toString('base64url'), payload, signature].join('.')
        expect((await refusedRecord(bob, reordered)).code).toBe('invalid_request')
      },
    },
    {
      name: 'statements about another account or device are forbidden',
      section: '§3.5',
      async run({ alice, bob }) {
        const { account: accountId } = { account: alice.accountId }
        const version = bob.account.versions.record + 1
        const record = await bob.account.record({ account: accountId, version })
        expect((await refusedRecord(bob, record)).code).toBe('forbidden')
        const deviceId = alice.deviceId
        const { publicKey } = bob.key
        const credential = await bob.account.credential({ deviceId, publicKey })
        const refused = await bob.refusal(chatRequests.putDevice, {
          params: { deviceId },
          body: { credential },
        })
        expect(refused.code).toBe('forbidden')
      },
    },
    {
      name: 'invalid keys are refused',
      section: '§2, §3.5',
      async run({ bob }) {
        const version = bob.account.versions.record + 1
        const field = { code: 'invalid_request', details: { field: 'body/record' } }
        for (const keys of badKeys()) {
          const record = await bob.account.record({ version, ...keys })
          expect(await refusedRecord(bob, record)).toEqual(field)
        }
      },
    },
    {
      name: 'a picture must have the hash in the record',
      section: '§3.5',
      async run({ bob }) {
        const png = makePng({ width: 64, height: 64 })
        const pictureSha256 = await hashPicture(Uint8Array.from(png))
        const version = bob.account.versions.record + 1
        const record = await bob.account.record({ version, pictureSha256 })
        const body = { record, picture: null }
        const refused = await bob.refusal(chatRequests.putUser, { body })
        expect(refused.code).toBe('invalid_request')
        await bob.call(chatRequests.putUser, { body: { record, picture: encodeBase64url(png) } })
        bob.account.versions.record = version
        const { account } = await bob.call(chatRequests.ownUser, {})
        expect(account?.picture).toBe(encodeBase64url(png))
      },
    },
    {
      name: 'a picture must be small and still, with nothing after its end',
      section: '§3.1',
      async run({ bob }) {
        const size = { width: 64, height: 64 }
        const refusedOnes = [
          makePictureBomb(),
          makePng({ width: MAX_PICTURE_SIDE + 1, height: 1 }),
          makePng(size, pngChunk('acTL', new Uint8Array(8))),
          new Uint8Array([...makePng(size), 0]),
        ]
        const version = bob.account.versions.record + 1
        for (const bytes of refusedOnes) {
          const pictureSha256 = await hashPicture(Uint8Array.from(bytes))
          const record = await bob.account.record({ version, pictureSha256 })
          const body = { record, picture: encodeBase64url(bytes) }
          const refused = await bob.refusal(chatRequests.putUser, { body })
          expect(refused).toMatchObject({ details: { field: 'body/picture' } })
        }
      },
    },
    {
      name: 'a device id is permanently tied to its key, and the device may be renamed',
      section: '§3.2',
      async run({ bob }) {
        const { deviceId, key, account } = bob
        const params = { deviceId }
        const renamed = await account.credential({ ...key, deviceId, name: 'renamed' })
        await bob.call(chatRequests.putDevice, { params, body: { credential: renamed } })
        const { publicKey } = await generateDeviceKey()
        const credential = await account.credential({ deviceId, publicKey })
        const refused = await bob.refusal(chatRequests.putDevice, { params, body: { credential } })
        expect(refused.code).toBe('device_id_taken')
        const { account: published } = await bob.call(chatRequests.ownUser, {})
        expect(published?.devices).toEqual([{ deviceId, credential: renamed }])
      },
    },
    {
      name: 'a credential with an unencrypted name is refused',
      section: '§3.2',
      async run({ bob }) {
        const { deviceId, key, account } = bob
        const sealed = await account.credential({ ...key, deviceId })
        const [, payload = ''] = sealed.split('.')
        const claims = JSON.parse(new TextDecoder().decode(decodeBase64url(payload)))
        for (const changes of [{ name: 'a device' }, { sealedName: 'a device' }]) {
          const text = JSON.stringify({ ...claims, ...changes })
          const changed = encodeBase64url(new TextEncoder().encode(text))
          const body = { credential: sealed.replace(payload, changed) }
          const refused = await bob.refusal(chatRequests.putDevice, { params: { deviceId }, body })
          expect(refused).toMatchObject({
            code: 'invalid_request',
            details: { field: 'body/credential' },
          })
        }
      },
    },
    {
      name: 'a past record is kept when it has a key that the new one lacks, and only then',
      section: '§3.6',
      async run(stage) {
        const dora = await stage.signUp()
        const first = await publishedRecord(dora)
        const { accountId, phone, versions } = dora.account
        versions.record += 1
        const renamed = await dora.account.record({ name: 'Dora renamed' })
        await dora.call(chatRequests.putUser, { body: { record: renamed, picture: null } })
        const before = await dora.call(chatRequests.ownUser, {})
        expect(before.account?.pastRecords).toEqual([])
        versions.record += 1
        const { ecdhKey } = await otherKeys(accountId, phone)
        const rotated = await dora.account.record({ ecdhKey })
        await dora.call(chatRequests.putUser, { body: { record: rotated, picture: null } })
        const after = await dora.call(chatRequests.ownUser, {})
        expect(after.account?.pastRecords).toEqual([renamed])
        expect(first).not.toBe(renamed)
      },
    },
    {
      name: 'versions of boxes count up, and the same box again is not an error',
      section: '§3.4',
      async run({ bob }) {
        const params = { box: 'contacts' } as const
        const { box } = await bob.call(chatRequests.getBox, { params })
        const version = box?.version ?? 0
        const next = { version: version + 1, ciphertext: 'AAAA' }
        await bob.putBox('contacts', next)
        await bob.putBox('contacts', next)
        expect(await bob.call(chatRequests.getBox, { params })).toEqual({ box: next })
        const stale = { code: 'stale_version', details: { currentVersion: next.version } }
        const { account } = bob
        const signed = (wrong: number) =>
          account.writtenBox('contacts', { version: wrong, ciphertext: 'BBBB' })
        for (const wrong of [next.version, version || 1, next.version + 2]) {
          const body = await signed(wrong)
          expect(await bob.refusal(chatRequests.putBox, { params, body })).toEqual(stale)
        }
        // If it names the version that it follows, it may skip some, as after a restored backup.
        const after = next.version
        const tooFar = { ...(await signed(after + MAX_VERSION_STEP + 1)), after }
        expect(await bob.refusal(chatRequests.putBox, { params, body: tooFar })).toEqual(stale)
        const far = { ...(await signed(after + MAX_VERSION_STEP)), after: after - 1 }
        expect(await bob.refusal(chatRequests.putBox, { params, body: far })).toEqual(stale)
        await bob.call(chatRequests.putBox, { params, body: { ...far, after } })
      },
    },
    {
      name: "a box is accepted only with the owner's signature over these bytes and this version",
      section: '§3.7',
      async run({ bob, alice }) {
        const params = { box: 'contacts' } as const
        const { box } = await bob.call(chatRequests.getBox, { params })
        const next = { version: (box?.version ?? 0) + 1, ciphertext: 'CCCC' }
        const { account } = bob
        const written = writtenBox('contacts', next)
        const wrong = [
          await alice.account.write(written, next.version),
          await signWritten(alice.account.keys.identity, account.accountId, written, next.version),
          await account.write(written, next.version + 1),
          await account.write(writtenBox('keys', next), next.version),
          await account.write({ ...written, text: 'DDDD' }, next.version),
        ]
        const codes: string[] = []
        for (const write of wrong) {
          const refused = await bob.refusal(chatRequests.putBox, {
            params,
            body: { ...next, write },
          })
          codes.push(refused.code)
        }
        const rest = Array.from({ length: 4 }, () => 'bad_signature')
        expect(codes).toEqual(['forbidden', ...rest])
        expect((await bob.call(chatRequests.getBox, { params })).box).toEqual(box)
      },
    },
    {
      name: 'the version of a manifest counts up, and the same one again is not an error',
      section: '§3.4',
      async run(stage) {
        const { bob } = stage
        bob.account.versions.manifest += 1
        const manifest = await bob.account.manifest()
        await bob.call(chatRequests.putManifest, { body: { manifest } })
        await bob.call(chatRequests.putManifest, { body: { manifest } })
        expect(await bob.call(chatRequests.getManifest, {})).toEqual({ manifest })
        const currentVersion = bob.account.versions.manifest
        const other = await bob.account.manifest({ issuedAt: 1 })
        const refused = await bob.refusal(chatRequests.putManifest, { body: { manifest: other } })
        expect(refused).toEqual({ code: 'stale_version', details: { currentVersion } })
      },
    },
    {
      name: 'the list of members has pages, and people are found by the beginning of their name',
      section: '§11.2',
      needs: ['directory'],
      async run({ alice, bob }) {
        const all = await alice.call(chatRequests.listUsers, { query: { limit: 100 } })
        const [first] = (await alice.call(chatRequests.listUsers, { query: { limit: 1 } })).accounts
        expect(first).toEqual(all.accounts[0])
        const found = await alice.call(chatRequests.listUsers, { query: { name: 'bOB b' } })
        expect(found.accounts.map(({ accountId }) => accountId)).toContain(bob.accountId)
        const page = await alice.call(chatRequests.listUsers, { query: { limit: 1 } })
        const after = page.next ?? ''
        const next = await alice.call(chatRequests.listUsers, { query: { limit: 1, after } })
        expect(next.accounts[0]).toEqual(all.accounts[1])
      },
    },
  ],
}

async function publishedRecord(device: RawDevice): Promise<string> {
  const { account } = await device.call(chatRequests.ownUser, {})
  if (!account) throw new Error('nothing has been published')
  return account.record
}

function refusedRecord(device: RawDevice, record: string) {
  return device.refusal(chatRequests.putUser, { body: { record, picture: null } })
}

/** A record with the identity key of `victim`, signed with `forger`'s. */
async function forge(forger: RawAccount, victim: RawAccount, version: number): Promise<string> {
  const [header, , signature] = (await forger.record({ version })).split('.')
  const [, payload] = (await victim.record({ version })).split('.')
  return [header, payload, signature].join('.')
}

async function otherKeys(accountId: AccountId, phone: string): Promise<{ ecdhKey: string }> {
  const { keys } = await RawAccount.create({ accountId, phone, name: 'other keys' })
  return { ecdhKey: encodeBase64url(keys.ecdh[0].publicKey) }
}

/** Public keys that no client could use. */
function badKeys(): Partial<AccountRecord>[] {
  const spki = (key: KeyObject) => key.export({ format: 'der', type: 'spki' }).toString('base64url')
  const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey
  const offCurve = Buffer.from(spki(p256), 'base64url')
  offCurve[offCurve.length - 1] = (offCurve.at(-1) ?? 0) ^ 1
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey
  const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey
  const three = generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 }).publicKey
  return [
    { ecdhKey: offCurve.toString('base64url') },
    { ecdhKey: spki(p384) },
    { ecdhKey: 'AAAA' },
    { rsaKey: spki(short) },
    { rsaKey: spki(three) },
    { rsaKey: spki(p256) },
  ]
}
