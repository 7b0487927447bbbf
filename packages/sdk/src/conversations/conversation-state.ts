import type { ConversationSummary, MessageStatus } from '../api/commands.ts'
import type { ConversationRecord } from '../storage/stored.ts'

/** The state of a conversation, as the person on this device sees it. */
export function stateOf({ aside, mine, theirs }: ConversationRecord): ConversationSummary['state'] {
  if (aside === 'replaced') return 'ended'
  if (mine === 'requested') return 'request'
  if (mine !== 'accepted') return mine
  return theirs === 'accepted' ? 'open' : 'waiting'
}

/** The status of an own message at `seq`: accepted, delivered, or read. */
export function statusAt({ theirMarks }: ConversationRecord, seq: number): MessageStatus {
  if (seq <= theirMarks.readSeq) return 'read'
  return seq <= theirMarks.deliveredSeq ? 'delivered' : 'accepted'
}
