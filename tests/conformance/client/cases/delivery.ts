import type { ServerFrame } from '@sotto/wire'
import { expect } from 'vitest'
import { eventually } from '../../../network/eventually.ts'
import type { Subject } from '../../conformance-case.ts'
import type { ClientStage } from '../client-stage.ts'

/** Loss, repetition and reordering on connections. */
export const delivery: Subject<ClientStage> = {
  title: 'Delivery',
  cases: [
    {
      name: 'a message whose verdict was lost is sent again and arrives once',
      section: '§13.3',
      async run(stage) {
        const { peer, id, device } = await stage.talk()
        let lost = 0
        stage.proxy.tampering = {
          fromServer(frame) {
            if (lost > 0 || typeOf(frame) !== 'verdicts') return [frame]
            lost += 1
            setImmediate(() => stage.proxy.cut())
            return []
          },
        }
        await device.send(id, 'once')
        await device.send(id, 'then this')
        expect(lost).toBe(1)
        expect(await peer.device.wholeHistory(id, 2)).toEqual(['once', 'then this'])
        expect(await stage.owner.log(id)).toHaveLength(2)
        expect(peer.device.notices(id)).toEqual([])
      },
    },
    {
      name: 'a message without any verdict is sent again with the same id',
      section: '§13.3',
      async run(stage) {
        const { peer, id, device } = await stage.talk()
        const ids: string[] = []
        stage.proxy.tampering = {
          fromClient(frame) {
            const { type, envelopes } = JSON.parse(frame)
            if (type !== 'send') return [frame]
            ids.push(envelopes[0].id)
            if (ids.length > 1) return [frame]
            setImmediate(() => stage.proxy.cut())
            return []
          },
        }
        const message = await device.send(id, 'lost on the way')
        expect(ids).toEqual([message, message])
        expect(await peer.nextMessage()).toMatchObject({ id: message })
      },
    },
    {
      name: 'messages written offline are sent in order after a crash',
      section: '§13.3',
      async run(stage) {
        const { peer, id, device } = await stage.talk()
        stage.proxy.tampering = { request: unavailable, fromClient: () => [] }
        stage.proxy.cut()
        const texts = ['one', 'two', 'three']
        for (const text of texts) await device.ask('send', { conversation: id, text })
        await device.crash()
        stage.calm()
        stage.proxy.cut()
        expect(await peer.device.wholeHistory(id, 3)).toEqual(texts)
        await device.expectShown(id, texts)
        expect(peer.device.notices(id)).toEqual([])
      },
    },
    {
      name: 'after a temporary refusal, everything is sent again in order',
      section: '§13.3',
      async run(stage) {
        const { peer, id, device } = await stage.talk()
        let refused = 0
        stage.proxy.tampering = {
          fromServer(frame) {
            const parsed = JSON.parse(frame) as ServerFrame
            if (refused > 0 || parsed.type !== 'verdicts') return [frame]
            refused += 1
            const verdicts = parsed.verdicts.map(({ id, conversationId }) => {
              return { fate: 'refused', id, conversationId, code: 'unavailable' }
            })
            return [JSON.stringify({ type: 'verdicts', verdicts })]
          },
        }
        const texts = ['one', 'two', 'three']
        for (const text of texts) await device.ask('send', { conversation: id, text })
        await device.message(id, ({ text, seq }) => text === 'three' && seq !== null)
        await device.expectShown(id, texts)
        expect(refused).toBe(1)
        expect(await peer.device.wholeHistory(id, 3)).toEqual(texts)
        expect(peer.device.notices(id)).toEqual([])
      },
    },
    {
      name: 'envelopes that are pushed twice and out of order are shown once, ordered by seq',
      section: '§13.4',
      async run(stage) {
        const { peer, id, device } = await stage.talk()
        const held: string[] = []
        stage.proxy.tampering = {
          fromServer(frame) {
            if (typeOf(frame) !== 'envelopes' || held.length === 3) return [frame]
            held.push(frame)
            if (held.length < 3) return []
            return [...held.toReversed(), ...held]
          },
        }
        for (const text of ['one', 'two', 'three']) await peer.send(id, text)
        await device.expectShown(id, ['one', 'two', 'three'])
      },
    },
    {
      name: 'a push that never arrives is made up for by reading the log',
      section: '§13.4',
      async run(stage) {
        const { peer, id, device } = await stage.talk()
        let swallowed = 0
        stage.proxy.tampering = {
          fromServer(frame) {
            if (typeOf(frame) !== 'envelopes' || swallowed > 0) return [frame]
            swallowed += 1
            return []
          },
        }
        await peer.send(id, 'one')
        await peer.send(id, 'two')
        await device.expectShown(id, ['one', 'two'])
        expect(swallowed).toBe(1)
      },
    },
    {
      name: 'sends nothing before it is authenticated, and reads /changes before it sends messages',
      section: '§13.1',
      async run(stage) {
        const { peer, id, device } = await stage.talk()
        stage.proxy.tampering = { request: unavailable }
        stage.proxy.cut()
        await device.ask('send', { conversation: id, text: 'patience' })
        await device.close()
        stage.calm()
        const from = stage.proxy.recorded.length
        await device.open()
        expect((await peer.nextMessage()).text).toBe('patience')
        const seen = stage.proxy.recorded.slice(from).map(({ what }) => what)
        const first = (what: string) => seen.findIndex((one) => one.startsWith(what))
        const frames = seen.filter((what) => what.startsWith('frame to the server'))
        expect(frames[0]).toBe('frame to the server: authenticate')
        const authenticated = first('frame to a device: authenticated')
        const changes = seen.indexOf('answer to GET /changes', authenticated)
        expect(authenticated).toBeGreaterThan(first('frame to the server: authenticate'))
        expect(changes).toBeGreaterThan(authenticated)
        expect(first('frame to the server: send')).toBeGreaterThan(changes)
      },
    },
    {
      name: 'reconnects after 1012 but not after 4002',
      section: '§13.5',
      async run(stage) {
        const other = await stage.signUp('session ender')
        await other.device.state(({ online }) => online, 'being online')
        stage.proxy.cut()
        await other.device.online()
        await stage.network.database.sql`
          update auth.sessions set ended_at = ${Date.now()} where account_id = ${other.accountId}`
        stage.proxy.cut()
        await other.device.close()
        await other.device.open()
        await eventually('the end of the session to be noticed', async () => {
          return (await other.device.ask('state', {})).stage === 'signed_out'
        })
      },
    },
  ],
}

function typeOf(frame: string): string {
  return JSON.parse(frame).type
}

/** The server is temporarily unavailable. */
function unavailable(exchange: { status: number; responseBody: string }): 'answered' {
  exchange.status = 503
  exchange.responseBody = JSON.stringify({ code: 'unavailable' })
  return 'answered'
}
