import { AccountId, type Conversation, ConversationId } from '@sotto/wire'
import { expect, test } from 'vitest'
import { openConversations } from '../src/conversations/conversations.ts'
import { createMemoryStorage } from '../src/storage/adapters/memory-storage.ts'
import { Questions, UNASKED } from '../src/transport/questions.ts'

const alice = AccountId.parse(crypto.randomUUID())
const bob = AccountId.parse(crypto.randomUUID())
const id = ConversationId.parse(crypto.randomUUID())

const questions = new Questions()
const open = () => openConversations(createMemoryStorage(), alice, () => {})

/** What the server says about the conversation, with Bob's answer. */
function told(state: 'requested' | 'accepted', lastSeq = 0): Conversation {
  const marks = { deliveredSeq: 0, readSeq: 0, recordVersion: 1 }
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

test('an answer that was overtaken by a later one is old news', async () => {
  const conversations = await open()
  const [early, late] = [questions.ask(), questions.ask()]
  await conversations.take(told('accepted'), late)
  await conversations.take(told('requested'), early)
  expect(conversations.load(id).theirs).toBe('accepted')
})

test('what an overtaken answer tells of the log is not lost: a log only grows', async () => {
  const conversations = await open()
  const [early, late] = [questions.ask(), questions.ask()]
  await conversations.take(told('accepted', 1), late)
  await conversations.take(told('requested', 2), early)
  expect(conversations.load(id)).toMatchObject({ theirs: 'accepted', lastSeq: 2 })
})

test('a later answer counts, whatever it says', async () => {
  const conversations = await open()
  await conversations.take(told('accepted'), questions.ask())
  await conversations.take(told('requested'), questions.ask())
  expect(conversations.load(id).theirs).toBe('requested')
})

test('what is told unasked is taken of what is not known, and of nothing else', async () => {
  const conversations = await open()
  await conversations.take(told('accepted'), UNASKED)
  expect(conversations.load(id).theirs).toBe('accepted')
  await conversations.take(told('requested'), UNASKED)
  expect(conversations.load(id).theirs).toBe('accepted')
})

test('the server may correct the protocol until a message fixes it', async () => {
  const conversations = await open()
  const say = (protocol: string) =>
    conversations.take({ ...told('accepted'), protocol }, questions.ask())
  await say('rsa')
  expect((await say('ecdh')).protocol).toBe('ecdh')
  await expect(say('mls')).rejects.toMatchObject({ code: 'protocol_not_supported' })

  await conversations.update(id, (conversation) => ({ next: { ...conversation, nextCounter: 2 } }))
  await expect(say('rsa')).rejects.toMatchObject({ code: 'untrusted_answer' })
  expect(conversations.load(id).protocol).toBe('ecdh')
})

test('the protocol that the person chose stays, whatever the server says next', async () => {
  const conversations = await open()
  await conversations.take({ ...told('accepted'), protocol: 'rsa' }, questions.ask())
  await conversations.update(id, (conversation) => ({
    next: { ...conversation, isProtocolChosen: true },
  }))
  const changed = conversations.take(told('accepted'), questions.ask())
  await expect(changed).rejects.toMatchObject({ code: 'untrusted_answer' })
})
