import { AccountId, type Conversation, ConversationId, DeviceId } from '@sotto/wire'
import { expect, test } from 'vitest'
import { stateIn } from '../../src/conversations/conversation-record.ts'
import { openConversations } from '../../src/conversations/conversations.ts'
import { Questions, UNASKED } from '../../src/transport/questions.ts'
import { createMemoryStore } from '../storage/memory-store.ts'

const alice = AccountId.parse(crypto.randomUUID())
const bob = AccountId.parse(crypto.randomUUID())
const deviceId = DeviceId.parse(crypto.randomUUID())
const id = ConversationId.parse(crypto.randomUUID())

const questions = new Questions()
const open = () => openConversations(createMemoryStore(), { accountId: alice, deviceId }, () => {})

/** The server's answer about the conversation, with Bob's state. */
function told(state: 'requested' | 'accepted', lastSeq = 0): Conversation {
  const marks = { role: 'member' as const, deliveredSeq: 0, readSeq: 0, recordVersion: 1 }
  return {
    id,
    protocol: 'ecdh',
    createdBy: alice,
    createdAt: 1,
    lastSeq,
    lastEnvelope: null,
    participants: [
      { accountId: alice, state: 'accepted', ...marks },
      { accountId: bob, state, ...marks },
    ],
    unread: 0,
  }
}

test('an answer that a later one has overtaken is ignored', async () => {
  const conversations = await open()
  const [early, late] = [questions.ask(), questions.ask()]
  await conversations.learn(told('accepted'), late)
  await conversations.learn(told('requested'), early)
  expect(stateIn(conversations.load(id), bob)).toBe('accepted')
})

test('an overtaken answer can still extend the log, which only grows', async () => {
  const conversations = await open()
  const [early, late] = [questions.ask(), questions.ask()]
  await conversations.learn(told('accepted', 1), late)
  await conversations.learn(told('requested', 2), early)
  expect(stateIn(conversations.load(id), bob)).toBe('accepted')
  expect(conversations.load(id).window.lastSeq).toBe(2)
})

test('a later answer wins, whatever it says', async () => {
  const conversations = await open()
  await conversations.learn(told('accepted'), questions.ask())
  await conversations.learn(told('requested'), questions.ask())
  expect(stateIn(conversations.load(id), bob)).toBe('requested')
})

test('unrequested data is applied only if the conversation is unknown', async () => {
  const conversations = await open()
  await conversations.learn(told('accepted'), UNASKED)
  expect(stateIn(conversations.load(id), bob)).toBe('accepted')
  await conversations.learn(told('requested'), UNASKED)
  expect(stateIn(conversations.load(id), bob)).toBe('accepted')
})

test('the server may correct the protocol until a message fixes it', async () => {
  const conversations = await open()
  const say = (protocol: string) =>
    conversations.learn({ ...told('accepted'), protocol }, questions.ask())
  await say('rsa')
  expect((await say('ecdh')).membership.protocol).toBe('ecdh')
  await expect(say('mls')).rejects.toMatchObject({ code: 'protocol_not_supported' })

  await conversations.update(id, (conversation) => ({
    next: { ...conversation, counters: { ...conversation.counters, next: 2 } },
  }))
  await expect(say('rsa')).rejects.toMatchObject({ code: 'untrusted_answer' })
  expect(conversations.load(id).membership.protocol).toBe('ecdh')
})

test('the protocol that the person chose stays, whatever the server says afterwards', async () => {
  const conversations = await open()
  await conversations.learn({ ...told('accepted'), protocol: 'rsa' }, questions.ask())
  await conversations.update(id, (conversation) => ({
    next: {
      ...conversation,
      membership: { ...conversation.membership, isProtocolChosen: true },
    },
  }))
  const changed = conversations.learn(told('accepted'), questions.ask())
  await expect(changed).rejects.toMatchObject({ code: 'untrusted_answer' })
})
