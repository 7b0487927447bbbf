import { type ConversationId, chatRequests } from '@sotto/wire'
import {
  answer,
  envelopeIn,
  type Person,
  requestConversation,
  startConversation,
} from '../person.ts'
import type { TestChat } from '../start-chat.ts'

/** All roles that may call an endpoint. */
export const ROLES = ['owner', 'participant', 'former', 'stranger', 'anonymous'] as const
export type Role = (typeof ROLES)[number]

export interface World {
  readonly alice: Person
  readonly bob: Person
  /** Alice asked Carol, who declined. */
  readonly carol: Person
  readonly mallory: Person
  /** Alice and Bob's, with an envelope in it. */
  readonly conversationId: ConversationId
  readonly declinedId: ConversationId
}

export async function createWorld(chat: TestChat): Promise<World> {
  const [alice, bob, carol, mallory] = await Promise.all(
    (['Alice', 'Bob', 'Carol', 'Mallory'] as const).map((name) => chat.person(name)),
  )
  if (!alice || !bob || !carol || !mallory) throw new Error('nobody came')
  const conversationId = await startConversation(chat, alice, bob)
  const declinedId = await requestConversation(chat, alice, carol)
  await chat.send([
    [alice, envelopeIn(conversationId)],
    [alice, envelopeIn(declinedId)],
  ])
  await answer(chat, carol, declinedId, 'declined')
  await chat.call(alice, chatRequests.putBox, alice.box('keys', { version: 1, ciphertext: 'AAAA' }))
  return { alice, bob, carol, mallory, conversationId, declinedId }
}

/** Who calls in a role, and in which conversation. */
export function inRole(
  world: World,
  role: Role,
): { as: Person | null; conversationId: ConversationId } {
  const { alice, bob, carol, mallory, conversationId, declinedId } = world
  const people = {
    owner: alice,
    participant: bob,
    former: carol,
    stranger: mallory,
    anonymous: null,
  }
  return { as: people[role], conversationId: role === 'former' ? declinedId : conversationId }
}
