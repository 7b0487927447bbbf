import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { encodeBase64url } from '@sotto/crypto'
import { type AccountId, type AccountRecord, chatRequests, MAX_RECORD_STEP } from '@sotto/wire'
import { expect } from 'vitest'
import type { Subject } from '../../conformance-case.ts'
import { RawAccount } from '../../raw/raw-account.ts'
import type { RawDevice } from '../../raw/raw-device.ts'
import type { ServerStage } from '../server-stage.ts'

/** What an account publishes, and which records are refused. */
export const records: Subject<ServerStage> = {
  title: 'Account records',
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
