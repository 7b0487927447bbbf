import type { AccountId, ConversationId, ParticipantState } from '@sotto/wire'
import type { ConversationParts, Marks } from '../storage/records/conversations.ts'

/** A conversation on this device: its records, each changed by one module in this folder. */
export interface ConversationRecord extends ConversationParts {
  readonly id: ConversationId
  /** Our account. */
  readonly self: AccountId
}

export const NO_MARKS: Marks = { deliveredSeq: 0, readSeq: 0 }

/** Every other participant. */
export function othersIn({ self, membership }: ConversationRecord): AccountId[] {
  const ids = Object.keys(membership.participants) as AccountId[]
  return ids.filter((id) => id !== self)
}

/** Whether this account is in the conversation, including our own. */
export function isParticipant({ membership }: ConversationRecord, accountId: AccountId): boolean {
  return Object.hasOwn(membership.participants, accountId)
}

/** A participant's answer; `requested` for accounts that aren't participants. */
export function stateIn(
  { membership }: ConversationRecord,
  accountId: AccountId,
): ParticipantState {
  return membership.participants[accountId]?.state ?? 'requested'
}

/** Whether our account has accepted. */
export function isAccepted(conversation: ConversationRecord): boolean {
  return stateIn(conversation, conversation.self) === 'accepted'
}

export function marksIn(
  { reading }: Pick<ConversationRecord, 'reading'>,
  accountId: AccountId,
): Marks {
  return reading.marks[accountId] ?? NO_MARKS
}

export function ownMarks(conversation: Pick<ConversationRecord, 'reading' | 'self'>): Marks {
  return marksIn(conversation, conversation.self)
}
