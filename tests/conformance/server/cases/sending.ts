import { MAX_CIPHERTEXT_CHARS } from '@sotto/wire'
import { expect } from 'vitest'
import type { Subject } from '../../conformance-case.ts'
import { opaqueEnvelope, RawDevice } from '../../raw/raw-device.ts'
import { verdictsOf } from '../collect-verdicts.ts'
import { openConversation, type ServerStage } from '../server-stage.ts'

/** Envelopes, their verdicts, and who gets them. */
export const sending: Subject<ServerStage> = {
  title: 'Sending',
  cases: [
    {
      name: 'envelopes are accepted in the order in which they were sent',
      section: '§13.3',
      async run(stage) {
        const dora = await stage.signUp()
        const id = await openConversation(dora, stage.carol)
        using socket = await dora.connect()
        const sent = [1, 2, 3].map(() => [opaqueEnvelope(id), opaqueEnvelope(id)])
        for (const envelopes of sent) socket.send({ type: 'send', envelopes })
        const verdicts = await verdictsOf(socket, 6)
        const seqs = verdicts.map((one) => (one.fate === 'accepted' ? [one.id, one.seq] : one))
        expect(seqs).toEqual(sent.flat().map((one, n) => [one.id, n + 1]))
      },
    },
    {
      name: 'a repeated envelope gets the same verdict, and another ciphertext gets none',
      section: '§12.3',
      async run(stage) {
        const { alice, bob } = stage
        const id = await stage.aliceAndBob()
        using socket = await alice.connect()
        const envelope = opaqueEnvelope(id)
        socket.send({ type: 'send', envelopes: [envelope] })
        const first = await verdictsOf(socket, 1)
        socket.send({ type: 'send', envelopes: [envelope] })
        expect(await verdictsOf(socket, 1)).toEqual(first)
        const taken = { fate: 'refused', id: envelope.id, code: 'envelope_id_taken' }
        const { ciphertext } = opaqueEnvelope(id)
        socket.send({ type: 'send', envelopes: [{ ...envelope, ciphertext }] })
        expect(await verdictsOf(socket, 1)).toMatchObject([taken])
        using his = await bob.connect()
        his.send({ type: 'send', envelopes: [envelope] })
        expect(await verdictsOf(his, 1)).toMatchObject([taken])
      },
    },
    {
      name: "the other people, the account's other devices and the sender itself get a push of what was stored",
      section: '§13.4',
      async run(stage) {
        const { alice, bob } = stage
        const id = await stage.aliceAndBob()
        const second = await stage.addDevice(alice)
        using socket = await alice.connect()
        using hers = await second.connect()
        using his = await bob.connect()
        const envelope = opaqueEnvelope(id)
        socket.send({ type: 'send', envelopes: [envelope] })
        const [verdict] = await verdictsOf(socket, 1)
        const { seq, acceptedAt } = verdict as Extract<typeof verdict, { fate: 'accepted' }>
        for (const one of [socket, hers, his]) {
          const isRight = ({ id }: { id: string }) => id === envelope.id
          const frame = await one.next('envelopes', ({ envelopes }) => envelopes.some(isRight))
          expect(frame.envelopes.find(isRight)).toEqual({
            ...envelope,
            seq,
            acceptedAt,
            senderAccountId: alice.accountId,
            senderDeviceId: alice.deviceId,
          })
        }
      },
    },
    {
      name: 'one malformed envelope does not affect the others in its frame',
      section: '§13.3',
      async run(stage) {
        const { alice } = stage
        const id = await stage.aliceAndBob()
        using socket = await alice.connect()
        const bad = opaqueEnvelope(id, { ciphertext: 'not ASCII: ü' })
        const large = opaqueEnvelope(id, { ciphertext: 'A'.repeat(MAX_CIPHERTEXT_CHARS + 1) })
        const good = [opaqueEnvelope(id), opaqueEnvelope(id)]
        socket.send({ type: 'send', envelopes: [good[0], bad, large, good[1]] })
        const verdicts = await verdictsOf(socket, 4)
        const fates = new Map(verdicts.map((one) => [one.id as string, one]))
        for (const one of good) expect(fates.get(one.id)).toMatchObject({ fate: 'accepted' })
        for (const one of [bad, large]) {
          expect(fates.get(one.id)).toMatchObject({ fate: 'refused', code: 'invalid_request' })
        }
      },
    },
    {
      name: 'an envelope without an id is named by its index, and the others are processed',
      section: '§13.3, §13.5',
      async run(stage) {
        const id = await stage.aliceAndBob()
        using socket = await stage.alice.connect()
        const good = opaqueEnvelope(id)
        const { id: _, ...nameless } = opaqueEnvelope(id)
        socket.send({ type: 'send', envelopes: [good, nameless] })
        expect(await verdictsOf(socket, 1)).toMatchObject([{ id: good.id, fate: 'accepted' }])
        const { code, details } = await socket.next('error')
        expect(code).toBe('invalid_request')
        expect(details).toMatchObject({ frame: 2, type: 'send' })
        expect(details?.field).toMatch(/^envelopes\.1/)
      },
    },
    {
      name: 'a conversation does not exist for those who are not in it',
      section: '§11.3',
      async run(stage) {
        const id = await stage.aliceAndBob()
        using socket = await stage.carol.connect()
        const envelope = opaqueEnvelope(id)
        socket.send({ type: 'send', envelopes: [envelope] })
        expect(await verdictsOf(socket, 1)).toMatchObject([
          { fate: 'refused', id: envelope.id, code: 'conversation_not_found' },
        ])
      },
    },
    {
      name: 'a device may send once it is enrolled',
      section: '§10.9',
      async run(stage) {
        const { alice } = stage
        const id = await stage.aliceAndBob()
        const device = await RawDevice.create(stage.server)
        await device.logIn(alice.account.phone)
        device.account = alice.account
        await device.proveLogIn()
        using socket = await device.connect()
        const envelope = opaqueEnvelope(id)
        socket.send({ type: 'send', envelopes: [envelope] })
        expect(await verdictsOf(socket, 1)).toMatchObject([{ code: 'device_not_enrolled' }])
        await device.enroll()
        socket.send({ type: 'send', envelopes: [envelope] })
        expect(await verdictsOf(socket, 1)).toMatchObject([{ fate: 'accepted' }])
      },
    },
  ],
}
