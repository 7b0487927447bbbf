import {
  type AccountId,
  type ErrorCode,
  MAX_REQUEST_ENVELOPES,
  type ParticipantState,
} from '@sotto/wire'

/** What decides whether an envelope may enter a conversation. */
export interface AdmissionFacts {
  readonly lastSeq: number
  readonly participants: ReadonlyMap<AccountId, ParticipantState>
}

/**
 * Why `sender` may not add an envelope to the conversation, or null when it may. A retry of what was
 * accepted is never asked about here.
 */
export function admit(
  conversation: AdmissionFacts,
  sender: { accountId: AccountId; isEnrolled: boolean },
): ErrorCode | null {
  const { participants, lastSeq } = conversation
  if (!participants.has(sender.accountId)) return 'conversation_not_found'
  if (!sender.isEnrolled) return 'device_not_enrolled'

  const states = [...participants.values()]
  if (states.some((state) => state === 'declined' || state === 'blocked')) {
    return 'conversation_closed'
  }
  // Who was asked has to answer before it writes.
  if (participants.get(sender.accountId) === 'requested') return 'request_pending'
  // While somebody has not answered, only the one who asks can have written: the log's length is
  // the number of envelopes of the request.
  if (states.includes('requested') && lastSeq >= MAX_REQUEST_ENVELOPES) return 'request_pending'
  return null
}
