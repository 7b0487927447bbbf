import { signWritten } from '@sotto/crypto'
import { chatRequests, MAX_VERSION_STEP, writtenBox } from '@sotto/wire'
import { expect } from 'vitest'
import type { Subject } from '../../conformance-case.ts'
import type { ServerStage } from '../server-stage.ts'

/** What an account stores for its own devices. */
export const boxes: Subject<ServerStage> = {
  title: 'Boxes and manifests',
  cases: [
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
  ],
}
