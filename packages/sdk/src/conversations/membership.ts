import type { AccountId, Conversation, Protocol } from '@sotto/wire'
import { ClientError } from '../api/errors.ts'
import type { Membership, Participant } from '../storage/records/conversations.ts'
import type { ConversationRecord } from './conversation-record.ts'
import { knownProtocol } from './known-protocol.ts'

/** Who is in a conversation and in which protocol, from what the server says. */

/**
 * The membership after the server's word. Who takes part, and the protocol once the person has chosen it, are not
 * the server's to change: throws `untrusted_answer`. How they have answered is taken from the latest answer.
 */
export function toldMembership(
  known: ConversationRecord | undefined,
  told: Conversation,
  { self, isLatest }: { readonly self: AccountId; readonly isLatest: boolean },
): Membership {
  const protocol = knownProtocol(told.protocol)
  const participants = participantsOf(told, self)
  if (!known) return { protocol, participants }
  if (isOtherProtocol(known, protocol) || !hasSamePeople(known.membership, participants)) {
    throw new ClientError('untrusted_answer')
  }
  return { ...known.membership, protocol, ...(isLatest && { participants }) }
}

/** Sets a conversation aside, or with null back among the others. */
export function withAside(
  conversation: ConversationRecord,
  aside: NonNullable<Membership['aside']> | null,
): ConversationRecord {
  const { aside: _, ...membership } = conversation.membership
  return { ...conversation, membership: { ...membership, ...(aside && { aside }) } }
}

function participantsOf(
  { participants }: Conversation,
  self: AccountId,
): Readonly<Record<AccountId, Participant>> {
  const all: Record<AccountId, Participant> = {}
  for (const { accountId, role, state } of participants) all[accountId] = { role, state }
  const isTwice = Object.keys(all).length < participants.length
  if (isTwice || participants.length < 2 || !Object.hasOwn(all, self)) {
    throw new ClientError('untrusted_answer')
  }
  return all
}

function hasSamePeople(known: Membership, told: Membership['participants']): boolean {
  const ids = Object.keys(known.participants)
  return ids.length === Object.keys(told).length && ids.every((id) => Object.hasOwn(told, id))
}

/**
 * The first message that opens or is written fixes the protocol. Until then it is the server's claim,
 * which the server may correct.
 */
function isOtherProtocol(
  { membership, summary, counters }: ConversationRecord,
  protocol: Protocol,
): boolean {
  const isFixed = membership.isProtocolChosen === true || summary.last !== null || counters.next > 1
  return isFixed && membership.protocol !== protocol
}
