import { chatRequests } from '@sotto/wire'
import { expect } from 'vitest'
import type { Subject } from '../../conformance-case.ts'
import { opaqueEnvelope } from '../../raw/raw-device.ts'
import { verdictsOf } from '../collect-verdicts.ts'
import { openConversation, type ServerStage } from '../server-stage.ts'

/** Receipts, typing and changes that the others are told. */
export const hints: Subject<ServerStage> = {
  title: 'Hints',
  cases: [
    {
      name: "marks never decrease, and are sent to the others and the account's other devices",
      section: '§13.2',
      async run(stage) {
        const { alice, bob } = stage
        const dora = await stage.signUp()
        const id = await openConversation(dora, alice)
        const second = await stage.addDevice(dora)
        using socket = await alice.connect()
        using hers = await dora.connect()
        using other = await second.connect()
        socket.send({ type: 'send', envelopes: [1, 2, 3].map(() => opaqueEnvelope(id)) })
        await verdictsOf(socket, 3)
        const marks = { conversationId: id, deliveredSeq: 2, readSeq: 1 }
        const isHers = ({ accountId }: { accountId: string }) => accountId === dora.accountId
        hers.send({ type: 'receipts', receipts: [marks] })
        for (const one of [socket, other, hers]) {
          expect((await one.next('receipts', isHers)).receipts).toEqual([marks])
        }
        hers.send({ type: 'receipts', receipts: [{ ...marks, deliveredSeq: 1, readSeq: 0 }] })
        hers.send({ type: 'receipts', receipts: [{ ...marks, readSeq: 2 }] })
        const grown = await socket.next('receipts', isHers)
        expect(grown.receipts).toEqual([{ ...marks, readSeq: 2 }])
        hers.send({ type: 'receipts', receipts: [{ ...marks, deliveredSeq: 99, readSeq: 99 }] })
        const capped = await socket.next('receipts', isHers)
        expect(capped.receipts).toEqual([{ conversationId: id, deliveredSeq: 3, readSeq: 3 }])
        expect(bob.accountId).not.toBe(dora.accountId)
      },
    },
    {
      name: 'typing is shown to the other side and not to the person who types',
      section: '§13.2',
      async run(stage) {
        const { alice, bob } = stage
        const conversationId = await stage.aliceAndBob()
        using socket = await alice.connect()
        using his = await bob.connect()
        socket.send({ type: 'typing', conversationId })
        const frame = await his.next('typing')
        expect(frame).toEqual({ type: 'typing', conversationId, accountId: alice.accountId })
        socket.send({ type: 'ping' })
        await socket.next('pong')
        expect(socket.waiting('typing')).toEqual([])
      },
    },
    {
      name: "contacts and the account's own devices are notified of a changed record, strangers are not",
      section: '§11.2',
      async run(stage) {
        const { alice, bob, carol } = stage
        await stage.aliceAndBob()
        using his = await bob.connect()
        using hers = await carol.connect()
        using own = await alice.connect()
        await alice.publishNext()
        const isAlice = ({ accountId }: { accountId: string }) => accountId === alice.accountId
        await his.next('account_changed', isAlice)
        await own.next('account_changed', isAlice)
        expect(hers.waiting('account_changed').filter(isAlice)).toEqual([])
      },
    },
    {
      name: "the account's own devices are notified of a written box",
      section: '§4.5',
      async run(stage) {
        const { alice } = stage
        using socket = await alice.connect()
        const params = { box: 'contacts' } as const
        const { box } = await alice.call(chatRequests.getBox, { params })
        const version = (box?.version ?? 0) + 1
        await alice.putBox('contacts', { version, ciphertext: 'AAAA' })
        const frame = await socket.next('box_changed')
        expect(frame).toEqual({ type: 'box_changed', box: 'contacts', version })
      },
    },
  ],
}
