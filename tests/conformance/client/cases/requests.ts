import type { ConversationId } from '@sotto/wire'
import { expect } from 'vitest'
import type { Subject } from '../../conformance-case.ts'
import type { ClientStage } from '../client-stage.ts'

/** Contact requests, in both directions. */
export const requests: Subject<ClientStage> = {
  title: 'Contact requests',
  cases: [
    {
      name: 'asks, waits, and sends messages once it is accepted',
      section: '§12.2',
      async run(stage) {
        const { accountId, device } = stage.client
        const peer = await stage.peer()
        const id = await begin(stage, peer.accountId)
        await device.send(id, 'may I?')
        expect(await device.conversation(id)).toMatchObject({ state: 'waiting' })
        await peer.device.conversation(id, ({ state }) => state === 'request')
        await peer.commands.answerRequest(id, 'accepted')
        await device.conversation(id, ({ state }) => state === 'open')
        await peer.send(id, 'you may')
        await device.expectShown(id, ['may I?', 'you may'])
        expect(peer.device.contact(accountId)).toMatchObject({ trust: 'unverified' })
      },
    },
    {
      name: 'reveals nothing before the person has accepted',
      section: '§12.2',
      async run(stage) {
        const { accountId, device } = stage.client
        const peer = await stage.peer()
        const id = await peer.commands.startConversation(accountId, 'ecdh')
        await peer.send(id, 'hello?')
        await device.conversation(id, ({ state, unread }) => state === 'request' && unread === 1)
        await device.ask('markRead', { conversation: id })
        const early = await device.refusal('send', { conversation: id, text: 'too early' })
        expect(early).toBe('request_pending')
        expect(peer.device.messages(id)[0]?.status).toBe('accepted')
        await device.ask('answer', { conversation: id, answer: 'accepted' })
        await peer.device.message(id, ({ status }) => status !== 'accepted', 'it delivered')
        await device.send(id, 'hello!')
        await peer.device.message(id, ({ text }) => text === 'hello!')
      },
    },
    {
      name: 'declines, and the other side is refused',
      section: '§12.2',
      async run(stage) {
        const { accountId, device } = stage.client
        const peer = await stage.peer()
        const id = await peer.commands.startConversation(accountId, 'ecdh')
        await peer.send(id, 'hello?')
        await device.conversation(id, ({ state }) => state === 'request')
        await device.ask('answer', { conversation: id, answer: 'declined' })
        await device.conversation(id, ({ state }) => state === 'declined')
        const refused = await peer.commands.send(id, 'please?')
        await peer.device.message(id, (one) => one.id === refused && one.status === 'failed')
      },
    },
    {
      name: 'a final refusal makes the message fail, and a retry sends it',
      section: '§13.3',
      async run(stage) {
        const { peer, id, device } = await stage.talk()
        await peer.commands.answerRequest(id, 'blocked')
        const { message } = await device.ask('send', { conversation: id, text: 'hello?' })
        const failed = await device.message(id, ({ status }) => status === 'failed', 'the failure')
        expect(failed).toMatchObject({ id: message, failure: 'conversation_closed' })
        await peer.commands.unblock(stage.client.accountId)
        await peer.device.conversation(id, ({ state }) => state === 'open')
        await device.ask('retry', { conversation: id, message })
        expect(await peer.nextMessage()).toMatchObject({ id: message, text: 'hello?' })
        expect(peer.device.notices(id)).toEqual([])
      },
    },
    {
      name: 'two people have one conversation in each protocol',
      section: '§12.1',
      async run(stage) {
        const { peer, id } = await stage.talk()
        expect(await begin(stage, peer.accountId)).toBe(id)
      },
    },
  ],
}

async function begin({ client }: ClientStage, accountId: string) {
  const { conversation } = await client.device.ask('startConversation', {
    accountId,
    protocol: 'ecdh',
  })
  return conversation as ConversationId
}
