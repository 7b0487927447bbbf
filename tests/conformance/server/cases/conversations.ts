import {
  type AccountId,
  type Conversation,
  ConversationId,
  chatRequests,
  MAX_REQUEST_ENVELOPES,
} from '@sotto/wire'
import { expect } from 'vitest'
import type { Subject } from '../../conformance-case.ts'
import { opaqueEnvelope, type RawDevice } from '../../raw/raw-device.ts'
import { verdictsOf } from '../collect-verdicts.ts'
import { openConversation, type ServerStage } from '../server-stage.ts'

/** Conversations and contact requests. */
export const conversations: Subject<ServerStage> = {
  title: 'Conversations',
  cases: [
    {
      name: 'repeating the request gives the same conversation',
      section: '§12.1',
      async run(stage) {
        const dora = await stage.signUp()
        const body = {
          id: ConversationId.parse(crypto.randomUUID()),
          protocol: 'ecdh',
          participants: [stage.carol.accountId],
        }
        const first = await dora.call(chatRequests.createConversation, { body })
        expect(await dora.call(chatRequests.createConversation, { body })).toEqual(first)
        expect(first.accounts.map(({ accountId }) => accountId).toSorted()).toEqual(
          [dora.accountId, stage.carol.accountId].toSorted(),
        )
        expect(first.conversation).toMatchObject({
          id: body.id,
          createdBy: dora.accountId,
          lastSeq: 0,
          lastEnvelope: null,
          unread: 0,
        })
      },
    },
    {
      name: 'two people have one conversation in each protocol, and learn which',
      section: '§12.1',
      async run(stage) {
        const id = await stage.aliceAndBob()
        for (const [creator, other] of [
          [stage.alice, stage.bob],
          [stage.bob, stage.alice],
        ] as const) {
          expect(await refusedConversation(creator, [other.accountId])).toEqual({
            code: 'conversation_exists',
            details: { conversationId: id },
          })
        }
        expect(await stage.aliceAndBob('rsa')).not.toBe(id)
      },
    },
    {
      name: 'a protocol that the server does not know is not supported',
      section: '§12.1',
      async run({ alice, carol }) {
        const unknown = await refusedConversation(alice, [carol.accountId], 'tomorrow')
        expect(unknown.code).toBe('protocol_not_supported')
        const malformed = await refusedConversation(alice, [carol.accountId], 'Not A Name')
        expect(malformed.code).toBe('invalid_request')
      },
    },
    {
      name: 'a conversation has two people, and both must have an account',
      section: '§12.1',
      async run({ alice, bob, carol }) {
        const nobody = crypto.randomUUID() as AccountId
        const codes = await Promise.all(
          [[alice.accountId], [bob.accountId, carol.accountId], [nobody]].map(
            async (ids) => (await refusedConversation(alice, ids)).code,
          ),
        )
        const notSupported = 'participants_not_supported'
        expect(codes).toEqual([notSupported, notSupported, 'account_not_found'])
      },
    },
    {
      name: 'the other side is notified immediately, with the keys of both people',
      section: '§12.1',
      async run(stage) {
        const dora = await stage.signUp()
        using socket = await stage.carol.connect()
        const id = await dora.createConversation(stage.carol)
        const frame = await socket.next('conversation_created', (one) => {
          return one.conversation.id === id
        })
        expect(standing(frame.conversation, stage.carol)).toBe('requested')
        expect(frame.accounts.map(({ accountId }) => accountId)).toContain(dora.accountId)
        const { conversation } = await stage.carol.call(chatRequests.getConversation, {
          params: { conversationId: id },
        })
        expect(conversation).toEqual(frame.conversation)
      },
    },
    {
      name: 'twenty envelopes may wait for an answer, and no mark comes back before it',
      section: '§12.2',
      async run(stage) {
        const { carol } = stage
        const dora = await stage.signUp()
        const id = await dora.createConversation(carol)
        using socket = await dora.connect()
        const envelopes = Array.from({ length: MAX_REQUEST_ENVELOPES + 1 }, () => {
          return opaqueEnvelope(id)
        })
        socket.send({ type: 'send', envelopes })
        const fates = await verdictsOf(socket, envelopes.length)
        expect(fates.filter(({ fate }) => fate === 'accepted')).toHaveLength(MAX_REQUEST_ENVELOPES)
        expect(fates.at(-1)).toMatchObject({ fate: 'refused', code: 'request_pending' })

        using hers = await carol.connect()
        hers.send({ type: 'send', envelopes: [opaqueEnvelope(id)] })
        const [early] = await verdictsOf(hers, 1)
        expect(early).toMatchObject({ fate: 'refused', code: 'request_pending' })
        const marks = { conversationId: id, deliveredSeq: 5, readSeq: 5 }
        hers.send({ type: 'receipts', receipts: [marks] })
        await hers.next('receipts')
        expect(await marksOf(dora, id, carol)).toEqual([0, 0])
        await carol.answer(id, 'accepted')
        await socket.next('conversation_changed', ({ conversationId }) => conversationId === id)
        expect(await marksOf(dora, id, carol)).toEqual([5, 5])
      },
    },
    {
      name: 'declined looks like requested, and closes the conversation',
      section: '§12.2',
      async run(stage) {
        const { carol } = stage
        const dora = await stage.signUp()
        const id = await dora.createConversation(carol)
        await carol.answer(id, 'declined')
        const { conversation } = await dora.call(chatRequests.getConversation, {
          params: { conversationId: id },
        })
        expect(standing(conversation, carol)).toBe('requested')
        using socket = await dora.connect()
        socket.send({ type: 'send', envelopes: [opaqueEnvelope(id)] })
        const [verdict] = await verdictsOf(socket, 1)
        expect(verdict).toMatchObject({ fate: 'refused', code: 'conversation_closed' })
        const another = await refusedConversation(dora, [carol.accountId], 'rsa')
        expect(another.code).toBe('conversation_closed')
      },
    },
    {
      name: 'a block applies to every conversation between the two people until it is lifted',
      section: '§12.2',
      async run(stage) {
        const { carol } = stage
        const dora = await stage.signUp('Dora Dorn', { withRsa: false })
        const ids = [
          await openConversation(dora, carol),
          await openConversation(dora, carol, 'rsa'),
        ] as const
        await carol.answer(ids[0], 'blocked')
        const { accounts } = await carol.call(chatRequests.listBlocked, {})
        expect(accounts).toContain(dora.accountId)
        const { conversation } = await dora.call(chatRequests.getConversation, {
          params: { conversationId: ids[0] },
        })
        expect(standing(conversation, carol)).toBe('accepted')
        using socket = await dora.connect()
        socket.send({ type: 'send', envelopes: ids.map((id) => opaqueEnvelope(id)) })
        const refused = await verdictsOf(socket, 2)
        expect(refused).toMatchObject([
          { code: 'conversation_closed' },
          { code: 'conversation_closed' },
        ])
        const params = { accountId: dora.accountId }
        await carol.call(chatRequests.unblock, { params })
        await carol.call(chatRequests.unblock, { params })
        socket.send({ type: 'send', envelopes: ids.map((id) => opaqueEnvelope(id)) })
        const accepted = await verdictsOf(socket, 2)
        expect(accepted.map(({ fate }) => fate)).toEqual(['accepted', 'accepted'])
      },
    },
    {
      name: 'a conversation does not exist for those who are not in it',
      section: '§11.3',
      async run(stage) {
        const { carol } = stage
        const conversationId = await stage.aliceAndBob()
        const params = { conversationId }
        const refusals = await Promise.all([
          carol.refusal(chatRequests.getConversation, { params }),
          carol.refusal(chatRequests.readLog, { params, query: {} }),
          carol.refusal(chatRequests.serverRow, { params: { ...params, seq: 1 } }),
          carol.refusal(chatRequests.answerConversation, { params, body: { state: 'accepted' } }),
          carol.refusal(chatRequests.getConversation, {
            params: { conversationId: ConversationId.parse(crypto.randomUUID()) },
          }),
        ])
        expect(refusals.map(({ code }) => code)).toEqual(Array(5).fill('conversation_not_found'))
        const taken = { id: conversationId, protocol: 'ecdh', participants: [stage.bob.accountId] }
        const code = await carol.refusal(chatRequests.createConversation, { body: taken })
        expect(code).toEqual({ code: 'conversation_exists', details: undefined })
      },
    },
    {
      name: 'conversations are listed in pages, the latest activity first',
      section: '§11.3',
      async run({ alice }) {
        const all = await alice.call(chatRequests.listConversations, { query: {} })
        const first = await alice.call(chatRequests.listConversations, { query: { limit: 1 } })
        expect(first.conversations).toEqual(all.conversations.slice(0, 1))
        const query = { limit: 1, after: first.next ?? '' }
        const second = await alice.call(chatRequests.listConversations, { query })
        expect(second.conversations).toEqual(all.conversations.slice(1, 2))
      },
    },
  ],
}

function refusedConversation(device: RawDevice, participants: AccountId[], protocol = 'ecdh') {
  const id = ConversationId.parse(crypto.randomUUID())
  return device.refusal(chatRequests.createConversation, { body: { id, protocol, participants } })
}

function standing({ participants }: Conversation, { accountId }: RawDevice) {
  return participants.find((one) => one.accountId === accountId)?.state
}

async function marksOf(reader: RawDevice, conversationId: ConversationId, other: RawDevice) {
  const params = { conversationId }
  const { conversation } = await reader.call(chatRequests.getConversation, { params })
  const marks = conversation.participants.find((one) => one.accountId === other.accountId)
  return [marks?.deliveredSeq, marks?.readSeq]
}
