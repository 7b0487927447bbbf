import { decodeBase64url, encodeBase64url, generateDeviceKey, hashPicture } from '@sotto/crypto'
import { chatRequests, MAX_PICTURE_SIDE } from '@sotto/wire'
import { expect } from 'vitest'
import { makePictureBomb, makePng, pngChunk } from '../../../services/made-pictures.ts'
import type { Subject } from '../../conformance-case.ts'
import type { ServerStage } from '../server-stage.ts'

/** Pictures, devices and the list of members. */
export const people: Subject<ServerStage> = {
  title: 'People and devices',
  cases: [
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
