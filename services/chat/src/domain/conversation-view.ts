import type { AccountId, Conversation, Participant, ParticipantState } from '@sotto/wire'
import type { ConversationView } from '../store/conversation-views.ts'

/**
 * A conversation as one of its participants sees it. Of the others it shows only whether they have
 * accepted: who waits, declines or blocks looks the same and has no marks.
 */
export function asSeenBy(viewer: AccountId, view: ConversationView): Conversation {
  const { activeAt: _, participants, ...conversation } = view
  return {
    ...conversation,
    participants: participants.map((participant) =>
      participant.accountId === viewer || participant.state === 'accepted'
        ? participant
        : unanswered(participant.accountId),
    ),
  }
}

function unanswered(accountId: AccountId): Participant {
  return { accountId, state: 'requested', deliveredSeq: 0, readSeq: 0 }
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
