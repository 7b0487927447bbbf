import { signWritten } from '@sotto/crypto'
import { authRequests, chatRequests, writtenWrap } from '@sotto/wire'
import { expect } from 'vitest'
import type { Subject } from '../../conformance-case.ts'
import type { ServerStage } from '../server-stage.ts'

/** The wraps of the root secret. */
export const wraps: Subject<ServerStage> = {
  title: 'Wraps',
  cases: [
    {
      name: 'wraps are replaced one by one and all together',
      section: '§11.1',
      async run({ carol }) {
        const before = await carol.call(authRequests.listWraps, {})
        const wrap = { kind: 'password', ciphertext: 'A'.repeat(80) } as const
        const { kind, ciphertext } = wrap
        const write = await carol.account.write(writtenWrap(wrap), before.version + 1)
        const put = { params: { kind }, body: { ciphertext, write } }
        await carol.call(chatRequests.putWrap, put)
        // Repeating it is the retry of a lost answer.
        await carol.call(chatRequests.putWrap, put)
        const { wraps, version } = await carol.call(authRequests.listWraps, {})
        expect(version).toBe(before.version + 1)
        expect(wraps).toHaveLength(before.wraps.length + 1)
        expect(wraps).toContainEqual(wrap)
        await carol.replaceWraps(before.wraps)
        const after = await carol.call(authRequests.listWraps, {})
        expect(after).toEqual({ version: version + 1, wraps: before.wraps })
      },
    },
    {
      name: "a wrap is accepted only with the owner's signature, for the next version",
      section: '§3.7',
      async run({ carol, alice }) {
        const { version } = await carol.call(authRequests.listWraps, {})
        const wrap = { kind: 'password', ciphertext: 'B'.repeat(80) } as const
        const written = writtenWrap(wrap)
        const other = writtenWrap({ ...wrap, ciphertext: 'C'.repeat(80) })
        const refusal = (write: string) => {
          const { kind, ciphertext } = wrap
          const sent = { params: { kind }, body: { ciphertext, write } }
          return carol.refusal(chatRequests.putWrap, sent)
        }
        const { account } = carol
        const otherKey = await signWritten(
          alice.account.keys.identity,
          account.accountId,
          written,
          version + 1,
        )
        const wrong = [otherKey, await account.write(other, version + 1)]
        for (const write of wrong) expect(await refusal(write)).toEqual({ code: 'bad_signature' })
        const stale = { code: 'stale_version', details: { currentVersion: version } }
        for (const next of [version, version + 2].filter((one) => one > 0)) {
          expect(await refusal(await account.write(written, next))).toEqual(stale)
        }
      },
    },
  ],
}
