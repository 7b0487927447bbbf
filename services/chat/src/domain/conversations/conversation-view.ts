import type { AccountId, Conversation, Participant, ParticipantState } from '@sotto/wire'
import type { ConversationView } from '../../store/conversations/conversation-views.ts'
import type { Answer } from '../../store/conversations/participants.ts'

/**
 * A conversation as one participant sees it. It shows about others only whether they have accepted:
 * waiting and declining look the same and have no marks. A block changes nothing in this view; a
 * blocked account notices it only when it writes.
 */
export function asSeenBy(viewer: AccountId, view: ConversationView): Conversation {
  const { activeAt: _, participants, ...conversation } = view
  return {
    ...conversation,
    participants: participants.map(({ answer, ...participant }): Participant => {
      if (participant.accountId === viewer) return participant
      const state = shownAs(answer)
      const marks = state === 'accepted' ? {} : { deliveredSeq: 0, readSeq: 0 }
      return { ...participant, state, ...marks }
    }),
  }
}

/** An answer as others see it. */
export function shownAs(answer: Answer): 'accepted' | 'requested' {
  return answer === 'accepted' ? 'accepted' : 'requested'
}

/**
 * The participants who see this participant's receipts and typing: all who have accepted, if this
 * participant has accepted too.
 */
export function canSeeEachOther(
  accountId: AccountId,
  standings: readonly { accountId: AccountId; state: ParticipantState }[],
): AccountId[] {
  const accepted = standings
    .filter(({ state }) => state === 'accepted')
    .map((standing) => standing.accountId)
  return accepted.includes(accountId) ? accepted.filter((other) => other !== accountId) : []
}
