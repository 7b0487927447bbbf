import { randomUUID } from 'node:crypto'
import { type ConversationId, chatRequests } from '@sotto/wire'
import type { Person } from '../person.ts'
import type { TestChat } from '../start-chat.ts'

export const twoPeople = async (chat: TestChat) =>
  [await chat.person('Alice'), await chat.person('Bob')] as const

export async function create(
  chat: TestChat,
  creator: Person,
  other: Person,
  { id = randomUUID() as string, protocol = 'ecdh' } = {},
) {
  return chat.call(creator, chatRequests.createConversation, {
    body: { id, protocol, participants: [other.accountId] },
  })
}

export async function view(chat: TestChat, as: Person, conversationId: ConversationId) {
  const { body } = await chat.call(as, chatRequests.getConversation, { params: { conversationId } })
  return body.conversation
}

export async function statesAsSeenBy(
  chat: TestChat,
  as: Person,
  id: ConversationId,
  [one, other]: readonly Person[],
) {
  const { participants } = await view(chat, as, id)
  const stateOf = (person?: Person) =>
    participants.find(({ accountId }) => accountId === person?.accountId)?.state
  return [stateOf(one), stateOf(other)]
}
