import type { AccountId, Conversation, Participant, ParticipantState } from '@sotto/wire'
import type { ConversationView } from '../../store/conversations/conversation-views.ts'
import type { Answer } from '../../store/conversations/participants.ts'

/**
 * A conversation as one of its participants sees it. Of the others it shows only whether they have
 * accepted: who waits and who declines looks the same and has no marks. A block changes nothing of what is
 * shown; whoever is blocked finds out by writing.
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

/** What the others see of an answer. */
export function shownAs(answer: Answer): 'accepted' | 'requested' {
  return answer === 'accepted' ? 'accepted' : 'requested'
}

/**
 * The others to whom a participant's receipts and typing are shown: everybody who has accepted, when
 * the participant has.
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
