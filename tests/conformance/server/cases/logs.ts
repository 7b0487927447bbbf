import { type ConversationId, chatRequests, MAX_PAGE } from '@sotto/wire'
import { expect } from 'vitest'
import type { Subject } from '../../conformance-case.ts'
import { opaqueEnvelope } from '../../raw/raw-device.ts'
import { verdictsOf } from '../collect-verdicts.ts'
import { openConversation, type ServerStage } from '../server-stage.ts'

/** Logs and what changed. */
export const logs: Subject<ServerStage> = {
  title: 'Logs',
  cases: [
    {
      name: 'a log is read in pages, forwards and backwards, always by seq',
      section: '§12.3',
      async run(stage) {
        const dora = await stage.signUp()
        const conversationId = await openConversation(dora, stage.carol)
        using socket = await dora.connect()
        const envelopes = Array.from({ length: 7 }, () => opaqueEnvelope(conversationId))
        socket.send({ type: 'send', envelopes })
        await verdictsOf(socket, 7)
        const params = { conversationId }
        const seqs = async (query: object) => {
          const { envelopes } = await dora.call(chatRequests.readLog, { params, query })
          return envelopes.map(({ seq }) => seq)
        }
        expect(await seqs({})).toEqual([1, 2, 3, 4, 5, 6, 7])
        expect(await seqs({ limit: 3 })).toEqual([5, 6, 7])
        expect(await seqs({ before: 5, limit: 3 })).toEqual([2, 3, 4])
        expect(await seqs({ after: 0, limit: 3 })).toEqual([1, 2, 3])
        expect(await seqs({ after: 6 })).toEqual([7])
        expect(await seqs({ after: 7 })).toEqual([])
        for (const query of [{ before: 5, after: 1 }, { limit: MAX_PAGE + 1 }, { before: -1 }]) {
          const refused = await dora.refusal(chatRequests.readLog, { params, query })
          expect(refused.code).toBe('invalid_request')
        }
        const page = await dora.call(chatRequests.readLog, { params, query: {} })
        expect(page.envelopes.map(({ id }) => id)).toEqual(envelopes.map(({ id }) => id))
      },
    },
    {
      name: 'the row of an envelope contains what was sent, still encrypted',
      section: '§11.3',
      async run(stage) {
        const conversationId = await stage.aliceAndBob()
        using socket = await stage.alice.connect()
        const envelope = opaqueEnvelope(conversationId)
        socket.send({ type: 'send', envelopes: [envelope] })
        const [verdict] = await verdictsOf(socket, 1)
        const seq = verdict?.fate === 'accepted' ? verdict.seq : 0
        const params = { conversationId, seq }
        const { columns } = await stage.bob.call(chatRequests.serverRow, { params })
        expect(Object.values(columns)).toContain(envelope.ciphertext)
        const missing = await stage.bob.refusal(chatRequests.serverRow, {
          params: { conversationId, seq: seq + 100 },
        })
        expect(missing.code).toBe('not_found')
      },
    },
    {
      name: 'changes are listed in pages, and with a cursor only the newer ones',
      section: '§12.4',
      async run(stage) {
        const dora = await stage.signUp()
        const ids = [
          await openConversation(dora, stage.carol),
          await openConversation(dora, stage.carol, 'rsa'),
          await openConversation(dora, stage.bob),
        ]
        const listed: string[] = []
        let page = await dora.call(chatRequests.listChanges, { query: { limit: 1 } })
        const { era } = page
        for (;;) {
          listed.push(...page.conversations.map(({ id }) => id))
          if (!page.more) break
          const query = { limit: 1, since: page.cursor }
          page = await dora.call(chatRequests.listChanges, { query })
          expect(page.era).toBe(era)
        }
        expect(new Set(listed)).toEqual(new Set(ids))
        using socket = await dora.connect()
        socket.send({ type: 'send', envelopes: [opaqueEnvelope(ids[1] as ConversationId)] })
        await verdictsOf(socket, 1)
        const query = { since: page.cursor }
        const changed = await dora.call(chatRequests.listChanges, { query })
        expect(changed.conversations.map(({ id }) => id)).toContain(ids[1])
      },
    },
    {
      name: 'a conversation is listed again when the other side has published a record',
      section: '§12.4',
      async run(stage) {
        const [dora, emil] = [await stage.signUp(), await stage.signUp()]
        const id = await openConversation(dora, emil)
        const { cursor: since } = await dora.call(chatRequests.listChanges, { query: {} })
        await emil.publishNext()
        const query = { since }
        const { conversations } = await dora.call(chatRequests.listChanges, { query })
        const shown = conversations.find((one) => one.id === id)
        const version = shown?.participants.find(({ accountId }) => accountId === emil.accountId)
        expect(version?.recordVersion).toBe(2)
      },
    },
    {
      name: 'a cursor from another era or from the future counts as none',
      section: '§12.4',
      needs: ['readable_cursors'],
      async run({ alice }) {
        const all = await alice.call(chatRequests.listChanges, { query: {} })
        const ids = all.conversations.map(({ id }) => id)
        const cursor = all.cursor
        const otherEra = cursor.replace(all.era, '0123456789abcdef')
        const future = cursor.replace(/\d+$/, '999999999999')
        expect(otherEra).not.toBe(cursor)
        for (const since of [otherEra, future]) {
          const again = await alice.call(chatRequests.listChanges, { query: { since } })
          expect(again.conversations.map(({ id }) => id)).toEqual(ids)
          expect(again.era).toBe(all.era)
        }
      },
    },
    {
      name: 'a text that is not a cursor is refused',
      section: '§12.4',
      async run({ alice }) {
        const query = { since: 'nonsense' }
        expect(await alice.refusal(chatRequests.listChanges, { query })).toEqual({
          code: 'invalid_request',
          details: { field: 'querystring/since' },
        })
      },
    },
  ],
}
