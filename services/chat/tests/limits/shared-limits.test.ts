import { randomUUID } from 'node:crypto'
import { chatRequests } from '@sotto/wire'
import { expect, test } from 'vitest'
import { chatLimits } from '../../src/limits.ts'
import { startChat } from '../start-chat.ts'

test('contact requests to strangers are counted across two instances and after a restart', async () => {
  await using chat = await startChat()
  const alice = await chat.person('Alice')
  const { points } = chatLimits.contact_requests
  const ask = async (instance: Pick<typeof chat, 'call'>) => {
    const stranger = await chat.person('Stranger')
    return instance.call(alice, chatRequests.createConversation, {
      body: { id: randomUUID(), protocol: 'ecdh', participants: [stranger.accountId] },
    })
  }
  {
    await using other = await chat.another()
    for (let n = 0; n < points; n += 1) {
      expect((await ask(n % 2 === 0 ? chat : other)).status).toBe(200)
    }
    expect((await ask(chat)).code).toBe('rate_limited')
    expect((await ask(other)).code).toBe('rate_limited')
  }
  await using restarted = await chat.another()
  expect((await ask(restarted)).code).toBe('rate_limited')
})
