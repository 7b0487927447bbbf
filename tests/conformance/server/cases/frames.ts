import {
  authRequests,
  CloseCode,
  chatRequests,
  MAX_CIPHERTEXT_CHARS,
  MAX_FRAME_BYTES,
} from '@sotto/wire'
import { expect } from 'vitest'
import type { Subject } from '../../conformance-case.ts'
import { opaqueEnvelope, RawDevice } from '../../raw/raw-device.ts'
import { RawSocket } from '../../raw/raw-socket.ts'
import { verdictsOf } from '../collect-verdicts.ts'
import { openConversation, type ServerStage } from '../server-stage.ts'

/** The WebSocket. */
export const frames: Subject<ServerStage> = {
  title: 'Frames',
  cases: [
    {
      name: 'a token authenticates, and the answer says when it expires',
      section: '§13.1',
      async run({ server, alice }) {
        using socket = await RawSocket.open(server.origin)
        socket.send({ type: 'authenticate', token: alice.tokens.access_token })
        const frame = await socket.next('authenticated')
        expect(frame).toMatchObject({ accountId: alice.accountId, deviceId: alice.deviceId })
        expect(frame.expiresAt).toBeGreaterThan(Date.now())
        expect(frame.heartbeatSeconds).toBeGreaterThan(1)
        socket.send({ type: 'ping' })
        await socket.next('pong')
      },
    },
    {
      name: 'no other frame may come first',
      section: '§13.1',
      async run({ server }) {
        using socket = await RawSocket.open(server.origin)
        socket.send({ type: 'ping' })
        const { code, details } = await socket.next('error')
        expect(code).toBe('unauthenticated')
        expect(details).toMatchObject({ frame: 1 })
        expect(await socket.closeCode()).toBe(CloseCode.unauthenticated)
      },
    },
    {
      name: 'an invalid token ends the connection',
      section: '§13.1',
      async run({ server }) {
        using socket = await RawSocket.open(server.origin)
        socket.send({ type: 'authenticate', token: 'nonsense' })
        expect(await socket.closeCode()).toBe(CloseCode.unauthenticated)
      },
    },
    {
      name: 'silence ends the connection after five seconds',
      section: '§13.1',
      async run({ server }) {
        using socket = await RawSocket.open(server.origin)
        expect(await socket.closeCode(9_000)).toBe(CloseCode.unauthenticated)
      },
    },
    {
      name: 'a fresh token of the same session extends the connection, one of another account ends it',
      section: '§13.1',
      async run({ alice, bob }) {
        using socket = await alice.connect()
        socket.send({ type: 'authenticate', token: alice.tokens.access_token })
        await socket.next('authenticated')
        socket.send({ type: 'authenticate', token: bob.tokens.access_token })
        expect(await socket.closeCode()).toBe(CloseCode.unauthenticated)
      },
    },
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
      name: 'a malformed frame is answered by an error that names it',
      section: '§13.5',
      async run({ alice }) {
        using socket = await alice.connect()
        socket.send({ type: 'typing', conversationId: 'nowhere' })
        const typing = await socket.next('error')
        expect(typing).toMatchObject({
          code: 'invalid_request',
          details: { frame: 2, type: 'typing', field: 'conversationId' },
        })
        socket.send({ type: 'ping', extra: true })
        const extra = await socket.next('error')
        expect(extra.details).toMatchObject({ frame: 3 })
        socket.sendRaw('{')
        const broken = await socket.next('error')
        expect(broken).toMatchObject({ code: 'invalid_request', details: { frame: 4 } })
        socket.send({ type: 'ping' })
        await socket.next('pong')
      },
    },
    {
      name: 'many malformed frames end the connection',
      section: '§13.5',
      async run({ carol }) {
        using socket = await carol.connect()
        for (let n = 0; n < 200; n++) socket.sendRaw('nonsense')
        expect(await socket.closeCode()).toBe(CloseCode.policyViolation)
      },
    },
    {
      name: 'binary messages and frames that are too large end the connection',
      section: '§13.5',
      async run({ carol }) {
        using binary = await carol.connect()
        binary.sendRaw(new Uint8Array([1, 2, 3]))
        expect(await binary.closeCode()).toBe(CloseCode.unsupportedData)
        using large = await carol.connect()
        large.sendRaw(' '.repeat(MAX_FRAME_BYTES + 1))
        expect(await large.closeCode()).toBe(CloseCode.tooLarge)
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
    {
      name: 'the end of a session ends its connection',
      section: '§13.5',
      async run({ server, carol }) {
        const device = await RawDevice.create(server)
        await device.logIn(carol.account.phone)
        device.account = carol.account
        await device.proveLogIn()
        using socket = await device.connect()
        await device.call(authRequests.logOut, {})
        expect(await socket.closeCode()).toBe(CloseCode.sessionEnded)
      },
    },
  ],
}
