import { expect } from 'vitest'
import { forBothProtocols, type Subject } from '../../conformance-case.ts'
import type { ClientStage } from '../client-stage.ts'

const texts = [
  'a',
  'b'.repeat(191),
  'c'.repeat(60 * 1024),
  '🧑‍🚀 to the 🌕, ☕️ and back 🏳️‍🌈',
  'שלום, مرحبا — mixed with English',
]

/** Messages in both protocols and both directions. */
export const talk: Subject<ClientStage> = {
  title: 'Talking',
  cases: [
    ...forBothProtocols<ClientStage>((protocol) => ({
      name: 'one byte, 191 bytes, 60 KiB, emoji and right-to-left text, both ways',
      section: protocol === 'ecdh' ? '§6, §7' : '§6, §8',
      async run(stage) {
        const { peer, id, device } = await stage.talk(protocol)
        for (const text of texts) {
          await device.send(id, text)
          expect((await peer.nextMessage()).text).toBe(text)
          await peer.send(id, text)
        }
        await device.expectShown(
          id,
          texts.flatMap((text) => [text, text]),
        )
        expect(peer.device.notices(id)).toEqual([])
      },
    })),
    ...forBothProtocols<ClientStage>((protocol) => ({
      name: 'starts a conversation itself',
      section: '§12.1',
      async run(stage) {
        const { device } = stage.client
        const peer = await stage.peer({ withRsa: protocol === 'rsa' })
        const { accountId } = peer
        const { conversation } = await device.ask('startConversation', { accountId, protocol })
        await device.send(conversation, `in ${protocol}`)
        const request = await peer.device.conversation(conversation as never)
        expect(request).toMatchObject({ protocol, state: 'request' })
        await peer.commands.answerRequest(request.id, 'accepted')
        expect((await peer.nextMessage()).text).toBe(`in ${protocol}`)
        expect(peer.device.notices(request.id)).toEqual([])
      },
    })),
    {
      name: 'counters continue after a restart and after a crash',
      section: '§6.3',
      async run(stage) {
        const { peer, id, device } = await stage.talk()
        await device.send(id, 'one')
        await device.whileAway(async () => {})
        await device.send(id, 'two')
        await device.crash()
        await device.send(id, 'three')
        await device.expectShown(id, ['one', 'two', 'three'])
        expect(await peer.device.wholeHistory(id, 3)).toEqual(['one', 'two', 'three'])
        expect(peer.device.notices(id)).toEqual([])
      },
    },
    {
      name: 'reports what was delivered and read, and shows what the other side reports',
      section: '§13.2',
      async run(stage) {
        const { peer, id, device } = await stage.talk()
        await peer.send(id, 'seen?')
        await peer.device.message(id, ({ status }) => status === 'delivered', 'it delivered')
        await device.expectShown(id, ['seen?'])
        await device.ask('markRead', { conversation: id })
        await peer.device.message(id, ({ status }) => status === 'read', 'it read')
        const message = await device.send(id, 'seen')
        await peer.device.message(id, ({ text }) => text === 'seen')
        await peer.commands.markRead(id)
        await device.message(id, (one) => one.id === message && one.status === 'read', 'read')
        await device.conversation(id, ({ unread }) => unread === 0)
      },
    },
  ],
}
