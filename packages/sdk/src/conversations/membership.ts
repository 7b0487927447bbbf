import type { AccountId, Conversation, Protocol } from '@sotto/wire'
import { ClientError } from '../api/errors.ts'
import type { Membership, Participant } from '../storage/records/conversations.ts'
import type { ConversationRecord } from './conversation-record.ts'
import { knownProtocol } from './known-protocol.ts'

/** A conversation's participants and protocol, as reported by the server. */

/**
 * The membership after the server's answer. The server can't change the participants, or the protocol once the person
 * has chosen it; attempts throw `untrusted_answer`. The participants' answers are taken from the latest report.
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

/** Sets a conversation aside, or restores it if `aside` is null. */
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
 * The first message that opens or is written fixes the protocol. Until then it is the server's claim, which the server
 * may correct.
 */
function isOtherProtocol(
  { membership, summary, counters }: ConversationRecord,
  protocol: Protocol,
): boolean {
  const isFixed = membership.isProtocolChosen === true || summary.last !== null || counters.next > 1
  return isFixed && membership.protocol !== protocol
}
