import {
  type AccountId,
  type ErrorCode,
  MAX_REQUEST_ENVELOPES,
  type ParticipantState,
} from '@sotto/wire'

/** The facts that determine whether an envelope may enter a conversation. */
export interface AdmissionFacts {
  readonly lastSeq: number
  readonly participants: ReadonlyMap<AccountId, ParticipantState>
}

/**
 * Why `sender` may not add an envelope to the conversation, or null if it may. Not called for a
 * retry of an accepted envelope.
 */
export function admit(
  conversation: AdmissionFacts,
  sender: { accountId: AccountId; isEnrolled: boolean },
): ErrorCode | null {
  const { participants, lastSeq } = conversation
  if (!participants.has(sender.accountId)) return 'conversation_not_found'
  if (!sender.isEnrolled) return 'device_not_enrolled'

  const own = participants.get(sender.accountId)
  const others = [...participants].flatMap(([id, state]) =>
    id === sender.accountId ? [] : [state],
  )
  if (isClosed(own) || others.every(isClosed)) return 'conversation_closed'
  // The recipient of a request must answer before writing.
  if (own === 'requested') return 'request_pending'
  // Before anyone else has accepted, only the requester can have written, so the length of the log
  // is the number of envelopes in the request.
  const isUnanswered = !others.includes('accepted')
  return isUnanswered && lastSeq >= MAX_REQUEST_ENVELOPES ? 'request_pending' : null
}

function isClosed(state: ParticipantState | undefined): boolean {
  return state === 'declined' || state === 'blocked'
}
