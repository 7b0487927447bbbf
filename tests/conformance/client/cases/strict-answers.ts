import type { ServerFrame } from '@sotto/wire'
import { expect } from 'vitest'
import type { Exchange } from '../../../network/tampering-proxy.ts'
import type { Subject } from '../../conformance-case.ts'
import type { ClientStage } from '../client-stage.ts'

/** Answers and frames that no correct server of this version sends. */
export const strictAnswers: Subject<ClientStage> = {
  title: 'Strict answers',
  cases: [
    {
      name: 'a conversation with an unknown protocol leaves the others working',
      section: '§12',
      async run(stage) {
        const { owner, network, client } = stage
        const { peer, id, device } = await stage.talk()
        await network.database.sql`
          alter table chat.conversations drop constraint if exists conversations_protocol_check`
        const unknown = await owner.beginConversation('tomorrow', await stage.peer(), client)
        await device.whileAway(async () => {})
        await peer.send(id, 'and on')
        await device.expectShown(id, ['and on'])
        await device.refusal('send', { conversation: unknown, text: 'into the unknown' })
        expect(await owner.log(unknown)).toEqual([])
        await device.send(id, 'and on')
        await peer.device.message(id, ({ mine, text }) => !mine && text === 'and on')
      },
    },
    {
      name: 'an answer with an unknown field is refused',
      section: '§11',
      async run(stage) {
        const { accountId } = await stage.peer()
        changeAnswers(stage, (answer) => ({ ...answer, surprise: true }))
        const request = { accountId, protocol: 'ecdh' } as const
        const code = await stage.client.device.refusal('startConversation', request)
        expect(code).toBe('untrusted_answer')
      },
    },
    {
      name: 'frames that are malformed or of an unknown type are ignored',
      section: '§13.4',
      async run(stage) {
        const { peer, id, device } = await stage.talk()
        stage.proxy.tampering = {
          fromServer: (frame) => [
            JSON.stringify({ type: 'tomorrow', news: [] }),
            JSON.stringify({ type: 'envelopes', envelopes: [{}] }),
            frame,
          ],
        }
        await peer.send(id, 'one')
        await device.expectShown(id, ['one'])
        await device.send(id, 'two')
        await device.expectShown(id, ['one', 'two'])
      },
    },
    {
      name: 'a log page with an envelope from another conversation is ignored',
      section: '§9.1',
      async run(stage) {
        const { peer, id, device } = await stage.talk()
        const other = await stage.talk()
        await other.peer.send(other.id, 'not for there')
        await device.expectShown(other.id, ['not for there'])
        await peer.send(id, 'zero')
        await device.expectShown(id, ['zero'])
        await device.close()
        for (const text of ['one', 'two']) await peer.send(id, text)
        stage.proxy.tampering = {
          response(exchange) {
            if (!exchange.path.startsWith(`/conversations/${id}/envelopes`)) return
            const answer = JSON.parse(exchange.responseBody)
            for (const envelope of answer.envelopes) {
              envelope.conversationId = other.id
            }
            exchange.responseBody = JSON.stringify(answer)
          },
        }
        await device.open()
        await device.state(({ untrusted }) => untrusted, 'noticing the page')
        stage.calm()
        await device.whileAway(async () => {})
        await device.expectShown(id, ['zero', 'one', 'two'])
        await device.expectShown(other.id, ['not for there'])
      },
    },
    {
      name: 'a verdict about an envelope that was never sent changes nothing',
      section: '§13.3',
      async run(stage) {
        const { id, device } = await stage.talk()
        stage.proxy.tampering = {
          fromServer(frame) {
            const parsed = JSON.parse(frame) as ServerFrame
            if (parsed.type !== 'verdicts') return [frame]
            const verdict = { fate: 'accepted', conversationId: id, seq: 77, acceptedAt: 1 }
            const verdicts = [{ ...verdict, id: crypto.randomUUID() }]
            return [JSON.stringify({ type: 'verdicts', verdicts }), frame]
          },
        }
        await device.send(id, 'one')
        await device.expectShown(id, ['one'])
      },
    },
  ],
}

/** Changes the answers about people and new conversations. */
function changeAnswers(stage: ClientStage, change: (answer: object) => object): void {
  stage.proxy.tampering = {
    response(exchange: Exchange) {
      const isMeant = exchange.path === '/conversations' || exchange.path.startsWith('/users/')
      if (!isMeant || exchange.status !== 200) return
      exchange.responseBody = JSON.stringify(change(JSON.parse(exchange.responseBody)))
    },
  }
}
